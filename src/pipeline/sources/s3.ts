import { type Clients, isAwsError } from "#aws";
import { canonicalJson, CauceError, sha256 } from "#core";
import type { DataSettings } from "../define.ts";
import type { Source } from "./source.ts";
import { refuseTable } from "./local.ts";

/** An object, or all objects right below a prefix that ends with a slash. It stays where it is; its entity tags say when it has changed. */
export async function s3Source(data: DataSettings, aws: Clients | undefined): Promise<Source> {
  refuseTable(data);
  const { bucket, key } = parseS3(data.source);
  const name = key.replace(/\/$/, "").split("/").at(-1) || bucket;
  const folder = key === "" || key.endsWith("/");
  const tags = aws === undefined ? ["unknown"] : folder ? await list(aws, bucket, key) : await head(aws, bucket, key);
  if (tags.length === 0) throw missing(data.source, "There is no object below it.");
  return {
    name,
    sha256: sha256(canonicalJson([data.source, ...tags])).slice(0, 32),
    files: [],
    folder,
    uri: data.source,
  };
}

export function parseS3(uri: string): { readonly bucket: string; readonly key: string } {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{2,62})(?:\/(.*))?$/.exec(uri);
  if (!match?.[1]) throw missing(uri, "It is not the address of an object.");
  return { bucket: match[1], key: match[2] ?? "" };
}

async function head(aws: Clients, Bucket: string, Key: string): Promise<readonly string[]> {
  try {
    const { ETag, ContentLength } = await (await aws.s3()).headObject({ Bucket, Key });
    return [`${ETag} ${ContentLength}`];
  } catch (error) {
    if (isAwsError(error, "NotFound", "NoSuchKey", "NoSuchBucket"))
      throw missing(`s3://${Bucket}/${Key}`, "There is no such object.");
    throw error;
  }
}

async function list(aws: Clients, Bucket: string, Prefix: string): Promise<readonly string[]> {
  const tags: string[] = [];
  let ContinuationToken: string | undefined;
  try {
    do {
      const page = await (
        await aws.s3()
      ).listObjectsV2({
        Bucket,
        Prefix,
        Delimiter: "/",
        ...(ContinuationToken !== undefined && { ContinuationToken }),
      });
      for (const { Key, ETag, Size } of page.Contents ?? []) if (Size) tags.push(`${Key} ${ETag} ${Size}`);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  } catch (error) {
    if (isAwsError(error, "NoSuchBucket")) throw missing(`s3://${Bucket}/${Prefix}`, "There is no such bucket.");
    throw error;
  }
  return tags;
}

function missing(uri: string, why: string): CauceError {
  return new CauceError({
    code: "SourceMissing",
    what: `${uri} cannot be read.`,
    why,
    fix: "Give s3://bucket/key of an object, or s3://bucket/folder/ for all objects right below it.",
  });
}
