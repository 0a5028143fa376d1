import { createHash, createHmac } from "node:crypto";
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
  const time = at.now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const date = time.slice(0, 8);
  const payload = createHash("sha256")
    .update(request.body ?? "")
    .digest("hex");
  const headers: Record<string, string> = { ...lowerCased(request.headers), host: request.host, "x-amz-date": time };
  if (at.service === "s3") headers["x-amz-content-sha256"] = payload;
  if (at.credentials.sessionToken) headers["x-amz-security-token"] = at.credentials.sessionToken;
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    // AWS: every service but S3 signs the path encoded once more. Documentation of Signature Version 4, "canonical URI".
    at.service === "s3" ? request.path : request.path.split("/").map(encode).join("/"),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const scope = `${date}/${at.region}/${at.service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const signature = hmac(signingKey(at.credentials.secretAccessKey, date, at.region, at.service), text).toString("hex");
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${at.credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
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

/** The key is the same for a whole day: deriving it takes four of the five hashes. */
const keys = new Map<string, Buffer>();

function signingKey(secret: string, date: string, region: string, service: string): Buffer {
  const name = `${secret}/${date}/${region}/${service}`;
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= 16) keys.clear();
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
  keys.set(name, key);
  return key;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
