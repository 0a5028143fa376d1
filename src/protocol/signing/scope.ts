import { createHmac } from "node:crypto";

/** What a request says of its signature, header or presigned form alike. */
export interface Claim {
  readonly accessKeyId: string;
  /** `20261122` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const KEPT = 256;
const keys = new Map<string, { readonly secret: string; readonly key: Buffer }>();

export function scopeOf(claim: Claim): string {
  return `${claim.day}/${claim.region}/${claim.service}/aws4_request`;
}

/** The four nested HMACs depend on the day, not on the request: kept for the next one. */
export function signingKey(secret: string, claim: Claim): Buffer {
  const name = `${claim.accessKeyId}/${scopeOf(claim)}`;
  const kept = keys.get(name);
  if (kept?.secret === secret) return kept.key;
  const key = [claim.region, claim.service, "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, claim.day));
  if (keys.size >= KEPT) keys.clear();
  keys.set(name, { secret, key });
  return key;
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

const claims = new Map<string, Omit<Claim, "signature">>();

/** `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; undefined when it is not well formed. */
export function parseAuthorization(header: string): Claim | undefined {
  if (!header.startsWith(`${ALGORITHM} `)) return undefined;
  // A client says the same in front of its signature, all day long.
  const at = header.lastIndexOf("Signature=") + "Signature=".length;
  const front = header.slice(0, at);
  const known = claims.get(front);
  const signature = header.slice(at);
  if (known && SIGNATURE.test(signature)) return { ...known, signature };
  const claim = readAuthorization(header);
  if (!claim || claim.signature !== signature) return claim;
  if (claims.size >= KEPT) claims.clear();
  const { signature: _, ...rest } = claim;
  claims.set(front, rest);
  return claim;
}

const SIGNATURE = /^[0-9a-f]+$/;

function readAuthorization(header: string): Claim | undefined {
  const parts = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length + 1).split(",")) {
    const equals = part.indexOf("=");
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  return toClaim(parts.get("Credential"), parts.get("SignedHeaders"), parts.get("Signature"));
}

export function toClaim(
  credential: string | undefined,
  headers: string | undefined,
  signature: string | undefined,
): Claim | undefined {
  if (!credential || !headers || !signature) return undefined;
  const parts = credential.split("/");
  const [end, service, region, day] = parts.slice(-4).toReversed();
  const accessKeyId = parts.slice(0, -4).join("/");
  if (end !== "aws4_request" || !service || !region || !day || !accessKeyId) return undefined;
  return { accessKeyId, day, region, service, signedHeaders: headers.split(";"), signature };
}
