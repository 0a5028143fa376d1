import { fault } from "#protocol";
import { invalidArgument, notImplemented } from "./faults.ts";
import { shownTime } from "./require.ts";
import type { Description, Encryption, ObjectRow } from "./state.ts";

/** What PutObject, CopyObject and CreateMultipartUpload take of an object beside its bytes. */
interface Described {
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  /** On the wire it is any text, although the SDK types it as a date. */
  readonly Expires?: Date | string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string | undefined>> | undefined;
}

export function toDescription(input: Described): Description {
  const encoding = input.ContentEncoding?.split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "" && one !== "aws-chunked")
    .join(",");
  const { Expires: expires } = input;
  return defined({
    contentType: input.ContentType || undefined,
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: encoding || undefined,
    contentLanguage: input.ContentLanguage,
    expires: expires instanceof Date ? expires.toUTCString() : expires,
    redirect: input.WebsiteRedirectLocation,
    storageClass: toStorageClass(input.StorageClass),
    encryption: toEncryption(input.ServerSideEncryption),
    metadata: toMetadata(input.Metadata),
  });
}

const MOST_METADATA = 2048;

function toMetadata(given: Described["Metadata"]): Record<string, string> | undefined {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value = ""] of Object.entries(given ?? {})) {
    metadata[name.toLowerCase()] = value;
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (size > MOST_METADATA) {
    throw fault("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      status: 400,
      members: { Size: size, MaxSizeAllowed: MOST_METADATA },
    });
  }
  return size === 0 ? undefined : metadata;
}

/** Classes that only cost differently are kept as a word; those whose objects must be restored first are refused. */
const CLASSES = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
]);

function toStorageClass(given: string | undefined): string | undefined {
  if (given === undefined || given === "STANDARD") return undefined;
  if (CLASSES.has(given)) return given;
  if (
    /^[A-Z_]+$/.test(given) &&
    ["GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP"].includes(given)
  ) {
    throw notImplemented(`the storage class ${given}`);
  }
  throw fault("InvalidStorageClass", "The storage class you specified is not valid", { status: 400 });
}

function toEncryption(given: string | undefined): Encryption | undefined {
  // With the account's own key, as the SageMaker SDK for Python asks of every script that it uploads.
  if (given === undefined || given === "AES256" || given === "aws:kms") return given;
  if (given.startsWith("aws:")) throw notImplemented(`server-side encryption with ${given}`);
  throw invalidArgument("x-amz-server-side-encryption", given, "The encryption method specified is not supported");
}

/** What a write may carry that this service does not do: said before a byte is taken. */
export function refuseUnsupportedWrite(input: {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
  readonly WriteOffsetBytes?: number | undefined;
}): void {
  const { ACL: acl = "private" } = input;
  const grants = [input.GrantFullControl, input.GrantRead, input.GrantReadACP, input.GrantWriteACP];
  if (!["private", "bucket-owner-full-control"].includes(acl) || grants.some((grant) => grant !== undefined))
    throw aclsDisabled();
  if (input.SSECustomerAlgorithm !== undefined)
    throw notImplemented("server-side encryption with customer keys (SSE-C)");
  if (input.SSEKMSKeyId !== undefined) throw notImplemented("server-side encryption with a KMS key");
  if (input.ObjectLockMode !== undefined || input.ObjectLockLegalHoldStatus !== undefined)
    throw notImplemented("S3 Object Lock");
  if (input.WriteOffsetBytes !== undefined) throw notImplemented("appending to objects");
}

/** AWS: buckets since April 2023 (user guide, "Controlling ownership of objects"). */
export function aclsDisabled() {
  return fault("AccessControlListNotSupported", "The bucket does not allow ACLs", { status: 400 });
}

/** As members of GetObject's and HeadObject's answers. */
export function shownDescription(row: ObjectRow) {
  return defined({
    // AWS: what an object without a type is given.
    ContentType: row.contentType ?? "binary/octet-stream",
    CacheControl: row.cacheControl,
    ContentDisposition: row.contentDisposition,
    ContentEncoding: row.contentEncoding,
    ContentLanguage: row.contentLanguage,
    Expires: row.expires as unknown as Date | undefined,
    WebsiteRedirectLocation: row.redirect,
    StorageClass: row.storageClass as "STANDARD_IA" | undefined,
    ServerSideEncryption: row.encryption,
    Metadata: row.metadata,
    LastModified: shownTime(row.modified),
    ETag: row.etag,
    AcceptRanges: "bytes",
    TagCount: row.tags?.length || undefined,
  });
}

/** Without the members that are undefined. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
