import { hmac, HmacKey, sha256 } from "#core";
import type { Credentials } from "./target.ts";

export interface SignedRequest {
  readonly method: string;
  /** Host with port when it is not the default one. */
  readonly host: string;
  /** Encoded as it goes on the wire. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The headers to send, `authorization` among them: Signature Version 4, without the SDK's weight. */
export function sign(
  request: SignedRequest,
  at: { readonly service: string; readonly region: string; readonly credentials: Credentials; readonly now: Date },
): Record<string, string> {
  const time = compact(at.now);
  const date = time.slice(0, 8);
  const payload = sha256(request.body ?? "");
  const headers: Record<string, string> = { host: request.host, "x-amz-date": time };
  if (at.service === "s3") headers["x-amz-content-sha256"] = payload;
  if (at.credentials.sessionToken) headers["x-amz-security-token"] = at.credentials.sessionToken;
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] ??= value;
  const names = Object.keys(headers).sort();
  const signedNames = names.join(";");
  // AWS: every service but S3 signs the path encoded once more. Documentation of Signature Version 4, "canonical URI".
  const path = at.service === "s3" ? request.path : encodePath(request.path);
  let canonical = `${request.method}\n${path}\n${canonicalQuery(request.query)}\n`;
  for (const name of names) canonical += `${name}:${trimmed(headers[name] ?? "")}\n`;
  canonical += `\n${signedNames}\n${payload}`;
  const scope = `${date}/${at.region}/${at.service}/aws4_request`;
  const key = signingKey(at.credentials.secretAccessKey, date, at.region, at.service);
  const signature = key.sign(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`);
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${at.credentials.accessKeyId}/${scope}, SignedHeaders=${signedNames}, Signature=${signature}`;
  return headers;
}

/** `?a=b` as it is signed and sent, without the question mark. */
export function canonicalQuery(query: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(query ?? {})
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

/** RFC 3986, as Signature Version 4 wants it. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The segments of a path, encoded; the slashes stay. */
export function encodePath(path: string): string {
  return path.split("/").map(encode).join("/");
}

/** `20261122T101500Z` */
function compact(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function trimmed(value: string): string {
  return value.includes("  ") ? value.trim().replace(/ +/g, " ") : value.trim();
}

/** The key is the same for a whole day: deriving it takes four of the five hashes. */
const keys = new Map<string, HmacKey>();

function signingKey(secret: string, date: string, region: string, service: string): HmacKey {
  const name = `${secret}/${date}/${region}/${service}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= 16) keys.clear();
  const key = new HmacKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request"));
  keys.set(name, key);
  return key;
}
