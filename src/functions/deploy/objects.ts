import type { CallAnswer, Caller } from "#aws";
import { isRecord, parseJson } from "#core";

export async function putObject(
  aws: Caller,
  uri: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const type = { "content-type": typeof body === "string" ? "application/json" : "application/octet-stream" };
  const answer = await aws.request({
    host: "s3",
    method: "PUT",
    path: pathOf(uri),
    headers: { ...type, ...headers },
    body,
  });
  if (answer.status !== 200)
    throw new Error(`${uri} could not be written: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

/** Undefined when there is no such object, or none that we may see. */
export async function getObject(aws: Caller, uri: string): Promise<CallAnswer | undefined> {
  const answer = await aws.request({ host: "s3", method: "GET", path: pathOf(uri) });
  if (answer.status === 404 || answer.status === 403) return undefined;
  if (answer.status !== 200)
    throw new Error(`${uri} could not be read: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  return answer;
}

export async function findObject(aws: Caller, uri: string): Promise<Record<string, unknown> | undefined> {
  const answer = await getObject(aws, uri);
  const value = answer && parseJson(answer.body.toString());
  return isRecord(value) ? value : undefined;
}

/** Undefined when there is no such object. */
export async function sizeOf(aws: Caller, uri: string): Promise<number | undefined> {
  const answer = await aws.request({ host: "s3", method: "HEAD", path: pathOf(uri) });
  return answer.status === 200 ? Number(answer.headers["content-length"]) : undefined;
}

export async function deleteObject(aws: Caller, uri: string): Promise<void> {
  await aws.request({ host: "s3", method: "DELETE", path: pathOf(uri) });
}

function pathOf(uri: string): string {
  if (!uri.startsWith("s3://")) throw new Error(`${uri} is not an address in S3.`);
  return uri.slice("s3:/".length);
}
