import { invalidToken } from "./faults.ts";

/** Tokens of lists: the key of the last row that was given out, not meant to be read. */
export function nextToken(last: string | undefined): { nextToken?: string } {
  return last === undefined ? {} : { nextToken: Buffer.from(last).toString("base64url") };
}

export function afterToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length === 0 || bytes.toString("base64url") !== token) throw invalidToken();
  return bytes.toString();
}
