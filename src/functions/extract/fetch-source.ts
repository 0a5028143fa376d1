import { basename, join } from "node:path";
import type { Caller } from "#aws";
import { CauceError } from "#core";
import { fetchRows, type SourceEvent } from "./fetch-rows.ts";
import type { SourceFile } from "./together.ts";

/** Brings the table here: an object, all objects right below a prefix that ends with a slash, or what a database answers. */
export async function fetchSource(
  aws: Caller,
  event: SourceEvent,
  folder: string,
  secretId?: string,
): Promise<readonly SourceFile[]> {
  if (secretId !== undefined) return [await fetchRows(aws, event, folder, secretId)];
  const { bucket, key } = parseUri(event.SourceUri);
  if (key !== "" && !key.endsWith("/")) {
    const file = join(folder, "source");
    await aws.download(bucket, key, file);
    return [{ file, name: event.SourceName ?? basename(key) }];
  }
  const keys = await keysBelow(aws, bucket, key);
  if (keys.length === 0) throw nothingBelow(event.SourceUri);
  const files: SourceFile[] = [];
  for (const [i, one] of keys.entries()) {
    const file = join(folder, `source-${i}`);
    await aws.download(bucket, one, file);
    files.push({ file, name: basename(one) });
  }
  return files;
}

async function keysBelow(aws: Caller, bucket: string, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const query = { "list-type": "2", prefix, delimiter: "/", "encoding-type": "url" };
    const answer = await aws.request({
      host: "s3",
      method: "GET",
      path: `/${bucket}`,
      query: { ...query, ...(token !== undefined && { "continuation-token": token }) },
    });
    const text = answer.body.toString();
    if (answer.status !== 200)
      throw new Error(`s3://${bucket}/${prefix} could not be listed: ${answer.status} ${text.slice(0, 300)}`);
    for (const [, content = ""] of text.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
      const key = /<Key>([^<]*)<\/Key>/.exec(content)?.[1];
      if (key !== undefined && !/<Size>0<\/Size>/.test(content))
        keys.push(decodeURIComponent(key.replaceAll("+", " ")));
    }
    token = /<NextContinuationToken>([^<]*)</.exec(text)?.[1]?.replaceAll("&amp;", "&");
  } while (token !== undefined);
  return keys;
}

function parseUri(uri: string): { readonly bucket: string; readonly key: string } {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(uri);
  if (!match?.[1]) throw new Error(`${uri} is not the address of an object in S3.`);
  return { bucket: match[1], key: match[2] ?? "" };
}

function nothingBelow(uri: string): CauceError {
  return new CauceError({
    code: "SourceMissing",
    what: `${uri} cannot be read.`,
    why: "There is no object right below it.",
    fix: "Give the address of an object, or of a folder that holds tables, with a slash at its end.",
  });
}
