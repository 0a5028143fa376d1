import { bytesTable, type Context, type Handlers, table, tableKey } from "#kernel";

export type Encryption = "AES256" | "aws:kms";

/** A bucket and its configuration. Buckets belong to the account: their names are known in every region. */
export interface BucketRow {
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly tags?: readonly Tag[];
  readonly cors?: readonly CorsRow[];
  readonly publicAccess?: PublicAccessRow;
  readonly ownershipControls?: boolean;
  readonly encryption?: { readonly bucketKey?: boolean };
  /** Events go to EventBridge. */
  readonly eventBridge?: boolean;
  readonly lifecycle?: readonly LifecycleRow[];
  /** JSON, as it was put. */
  readonly policy?: string;
  /** Absent: there never was any. */
  readonly versioning?: "Enabled" | "Suspended";
}

export interface LifecycleRow {
  readonly id: string;
  readonly isOn: boolean;
  /** As rules had it before there were filters. */
  readonly prefix?: string;
  readonly filter?: LifecycleFilter;
  /** One of them: after days, from a day on, or only delete markers that nothing is left under. */
  readonly expiration?: { readonly days?: number; readonly date?: number; readonly markers?: boolean };
  readonly noncurrent?: { readonly days: number; readonly newer?: number };
  /** Days after which an upload that was not completed is aborted. */
  readonly abortAfter?: number;
}

export interface LifecycleFilter {
  readonly prefix?: string;
  readonly tags?: readonly Tag[];
  /** Larger than so many bytes. */
  readonly above?: number;
  /** Smaller than so many bytes. */
  readonly below?: number;
  /** Written as a conjunction. */
  readonly all?: true;
}

export interface CorsRow {
  readonly id?: string;
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers?: readonly string[];
  readonly expose?: readonly string[];
  readonly maxAge?: number;
}

interface PublicAccessRow {
  readonly blockAcls: boolean;
  readonly ignoreAcls: boolean;
  readonly blockPolicy: boolean;
  readonly restrictBuckets: boolean;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What a client says of an object beside its bytes. */
export interface Description {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly expires?: string;
  readonly redirect?: string;
  readonly storageClass?: string;
  /** When the client asked for it. */
  readonly encryption?: Encryption;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface StoredChecksum {
  readonly algorithm: ChecksumName;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
  /** Base64; a composite one ends in `-parts`. */
  readonly value: string;
}

export type ChecksumName = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

export interface ObjectRow extends Description {
  /** In order. More than one when it was uploaded in parts: completing an upload moves no bytes. */
  readonly pieces: readonly Piece[];
  /** The pieces are parts of a multipart upload, even when there is only one. */
  readonly multipart?: boolean;
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  readonly modified: number;
  readonly tags?: readonly Tag[];
  readonly checksum?: StoredChecksum;
  /** Absent: the version `null`. */
  readonly version?: string;
  /** Its place among the versions of its key; absent on what was put before there were any. */
  readonly rank?: string;
}

/** A version of an object, or a delete marker. */
export type VersionRow = ObjectRow | MarkerRow;

interface MarkerRow {
  readonly marker: true;
  readonly modified: number;
  readonly version?: string;
  readonly rank: string;
}

export interface Piece {
  readonly blob: string;
  readonly size: number;
  /** Of the part, when it has one. */
  readonly checksum?: string;
}

export interface UploadRow extends Description {
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly tags?: readonly Tag[];
  readonly checksum?: Pick<StoredChecksum, "algorithm" | "type">;
}

export interface PartRow extends Piece {
  readonly etag: string;
  readonly modified: number;
}

export const tables = {
  buckets: table<BucketRow>({ scope: "account", cached: true }),
  objects: table<ObjectRow>({ scope: "account" }),
  /** Of buckets that have had versioning: every version, the newest too. See `versions.ts`. */
  versions: table<VersionRow>({ scope: "account" }),
  uploads: table<UploadRow>({ scope: "account" }),
  parts: table<PartRow>({ scope: "account" }),
  /** Of pieces that are small, by their blob. */
  smallBytes: bytesTable({ scope: "account" }),
  /** Events that EventBridge has not taken yet. */
  outbox: table<OutboxRow>({ scope: "account" }),
};

export interface OutboxRow {
  readonly region: string;
  readonly bucket: string;
  readonly detailType: string;
  readonly detail: string;
  readonly time: number;
}

type S3Tables = typeof tables;
export type S3Context = Context<S3Tables>;
export type S3Handlers = Handlers<"s3", S3Tables>;

export function objectKey(bucket: string, key: string): string {
  return tableKey(bucket, toSortable(key));
}

export function keyOfObject(bucket: string, rowKey: string): string {
  return fromSortable(rowKey.slice(tableKey(bucket, "").length));
}

/** Uploads are listed by key, then by time; the id begins with the time. */
export function uploadKey(bucket: string, key: string, uploadId: string): string {
  return tableKey(bucket, toSortable(key), uploadId);
}

export function partKey(uploadId: string, part: number): string {
  return tableKey(uploadId, String(part).padStart(5, "0"));
}

/**
 * A row key ends at a NUL byte and sorts before U+10FFFF, an object key need not: these get stand-ins that keep the order.
 * The stand-ins' own first characters are escaped with them.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  "\0": "\u0001\u0001",
  "\u0001": "\u0001\u0002",
  "\u{10fffe}": "\u{10fffe}\u0001",
  "\u{10ffff}": "\u{10fffe}\u0002",
};
const ORIGINALS = Object.fromEntries(Object.entries(STAND_INS).map(([original, standIn]) => [standIn, original]));

// oxlint-disable no-control-regex -- control characters are what these are about
const SPECIAL = /[\0\u0001\u{10fffe}\u{10ffff}]/gu;
const STAND_IN = /\u0001[\u0001\u0002]|\u{10fffe}[\u0001\u0002]/gu;

function toSortable(key: string): string {
  return key.replace(SPECIAL, (found) => STAND_INS[found] ?? found);
}

function fromSortable(text: string): string {
  return text.replace(STAND_IN, (found) => ORIGINALS[found] ?? found);
}
