import type { Caller } from "#aws";
import { isRecord, parseJson } from "#core";

export async function putObject(aws: Caller, uri: string, value: unknown): Promise<void> {
  const answer = await aws.request({
    host: "s3",
    method: "PUT",
    path: pathOf(uri),
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  });
  if (answer.status !== 200)
    throw new Error(`${uri} could not be written: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

/** Undefined when there is no such object, or none that we may see. */
export async function findObject(aws: Caller, uri: string): Promise<Record<string, unknown> | undefined> {
  const answer = await aws.request({ host: "s3", method: "GET", path: pathOf(uri) });
  if (answer.status === 404 || answer.status === 403) return undefined;
  if (answer.status !== 200)
    throw new Error(`${uri} could not be read: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  const value = parseJson(answer.body.toString());
  return isRecord(value) ? value : undefined;
}

export async function deleteObject(aws: Caller, uri: string): Promise<void> {
  await aws.request({ host: "s3", method: "DELETE", path: pathOf(uri) });
}

function pathOf(uri: string): string {
  if (!uri.startsWith("s3://")) throw new Error(`${uri} is not an address in S3.`);
  return uri.slice("s3:/".length);
}
