import { open } from "node:fs/promises";
import type { CallAnswer, Caller } from "#aws";
import { parseJson } from "#core";

/** AWS: parts of 5 MB at least, 10,000 at most. "Uploading and copying objects using multipart upload", S3 guide. */
const PART_BYTES = 16 * 2 ** 20;

export async function putText(aws: Caller, uri: string, body: string | Uint8Array, type: string): Promise<void> {
  const headers = { "content-type": type };
  ok(await aws.request({ host: "s3", method: "PUT", path: pathOf(uri), headers, body }), uri, "written");
}

export async function getText(aws: Caller, uri: string): Promise<string> {
  return ok(await aws.request({ host: "s3", method: "GET", path: pathOf(uri) }), uri, "read").body.toString();
}

/** Undefined when there is no such object. AWS: 403 for those who may not list the bucket. GetObject, API reference. */
export async function findText(aws: Caller, uri: string): Promise<string | undefined> {
  const answer = await aws.request({ host: "s3", method: "GET", path: pathOf(uri) });
  return answer.status === 404 || answer.status === 403 ? undefined : ok(answer, uri, "read").body.toString();
}

export async function getJson(aws: Caller, uri: string): Promise<unknown> {
  return parseJson(await getText(aws, uri));
}

export async function download(aws: Caller, uri: string, file: string): Promise<void> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  await aws.download(bucket, key, file);
}

/** A file of any length, a part in memory at a time. Answers its length. */
export async function putFile(aws: Caller, uri: string, file: string, type: string): Promise<number> {
  await using source = await open(file);
  const { size } = await source.stat();
  const read = async (at: number) => {
    const buffer = Buffer.alloc(Math.min(PART_BYTES, size - at));
    await source.read(buffer, 0, buffer.length, at);
    return buffer;
  };
  if (size <= PART_BYTES) {
    await putText(aws, uri, await read(0), type);
    return size;
  }
  const path = pathOf(uri);
  const headers = { "content-type": type };
  const begun = ok(await aws.request({ host: "s3", method: "POST", path, headers, query: { uploads: "" } }), uri);
  const uploadId = /<UploadId>([^<]+)</.exec(begun.body.toString())?.[1] ?? "";
  try {
    const tags: string[] = [];
    for (let at = 0; at < size; at += PART_BYTES) {
      const query = { partNumber: String(tags.length + 1), uploadId };
      const answer = ok(await aws.request({ host: "s3", method: "PUT", path, query, body: await read(at) }), uri);
      tags.push(String(answer.headers["etag"]));
    }
    const list = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join("");
    const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
    ok(await aws.request({ host: "s3", method: "POST", path, query: { uploadId }, body }), uri);
  } catch (error) {
    await aws.request({ host: "s3", method: "DELETE", path, query: { uploadId } });
    throw error;
  }
  return size;
}

function ok(answer: CallAnswer, uri: string, done = "written"): CallAnswer {
  // AWS: the end of a multipart upload may answer 200 and an error in its body. CompleteMultipartUpload, API reference.
  const failed = answer.status !== 200 || (done === "written" && /<Error>/.test(answer.body.toString()));
  if (!failed) return answer;
  throw new Error(`${uri} could not be ${done}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

function pathOf(uri: string): string {
  return uri.slice("s3:/".length);
}
