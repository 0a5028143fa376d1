import type { AwsFault } from "../fault.ts";
import type { ServiceModel } from "../model.ts";
import { dialectOf, refused } from "./faults.ts";
import type { SecretKey, VerifyOptions } from "./verified.ts";

/** The secret of who signs; throws when there is none, when it ended, or when the session's token is another. */
export function requireKey(
  signer: { readonly accessKeyId: string; readonly token: string | undefined },
  { at: { model }, find, now }: VerifyOptions,
): SecretKey {
  const key = find(signer.accessKeyId);
  if (!key) throw refused(model, "unknownKey", onlyXml(model, { AWSAccessKeyId: signer.accessKeyId }));
  if (key.expires && key.expires <= now) throw refused(model, "expiredToken");
  const { token } = signer;
  const fits =
    key.sessionToken === undefined ? token === undefined : token !== undefined && sameText(key.sessionToken, token);
  if (!fits) throw refused(model, "badToken");
  return key;
}

export function refuseMismatch(model: ServiceModel, accessKeyId: string, signed: string): AwsFault {
  return refused(model, "mismatch", onlyXml(model, { AWSAccessKeyId: accessKeyId, StringToSign: signed }));
}

/** In a time that does not tell how much was right. */
export function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function onlyXml<T>(model: ServiceModel, members: T): T | undefined {
  return dialectOf(model) === "xml" ? members : undefined;
}
