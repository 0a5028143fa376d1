import type { Caller } from "#aws";
import { parseJson } from "#core";
import type { Profile } from "./profile.ts";

export async function findProfile(aws: Caller, prefix: string): Promise<Profile | undefined> {
  const answer = await aws.request({ host: "s3", method: "GET", path: pathOf(`${prefix}profile.json`) });
  if (answer.status !== 200) return undefined;
  return parseJson(answer.body.toString()) as Profile | undefined;
}

export async function put(aws: Caller, uri: string, body: Uint8Array | string, type: string): Promise<void> {
  const answer = await aws.request({
    host: "s3",
    method: "PUT",
    path: pathOf(uri),
    headers: { "content-type": type },
    body,
  });
  if (answer.status !== 200)
    throw new Error(`${uri} could not be written: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

function pathOf(uri: string): string {
  return uri.slice("s3:/".length);
}
