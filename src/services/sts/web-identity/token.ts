import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { isRecord, parseJson } from "#core";
import { expiredToken, invalidIdentityToken } from "../faults.ts";

/** What an issuer says of somebody, before anybody believed it. */
export interface Token {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly issuer: string;
  readonly subject: string;
  /** Whom it was made for. AWS: `azp`, where a token has one, is taken for the audience (IAM user guide, "Available keys for AWS OIDC federation"). */
  readonly audiences: readonly string[];
  readonly methods: readonly string[];
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly notBefore: number | undefined;
  readonly signed: string;
  readonly signature: Buffer;
}

/** Reads a JSON Web Token; believes nothing. */
export function readToken(text: string): Token {
  const [head = "", body = "", signature = "", ...rest] = text.split(".");
  const [header, claims] = [decode(head), decode(body)];
  if (rest.length > 0 || signature === "" || !header || !claims) throw notAToken();
  const [issuer, subject] = [textOf(claims, "iss"), textOf(claims, "sub")];
  const party = claims["azp"] === undefined ? listOf(claims["aud"]) : listOf(claims["azp"]);
  if (party.length === 0) throw missingClaim("aud");
  if (typeof claims["exp"] !== "number") throw missingClaim("exp");
  return {
    algorithm: String(header["alg"]),
    keyId: typeof header["kid"] === "string" ? header["kid"] : undefined,
    issuer,
    subject,
    audiences: party,
    methods: listOf(claims["amr"]),
    expires: claims["exp"],
    notBefore: typeof claims["nbf"] === "number" ? claims["nbf"] : undefined,
    signed: `${head}.${body}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

/** Whether one of the issuer's keys signed it. */
export function isSignedBy(token: Token, keys: readonly JsonWebKey[]): boolean {
  const algorithm = ALGORITHMS[token.algorithm];
  if (!algorithm) return false;
  const fitting = keys.filter((key) => {
    const { kid, use, alg } = key as Record<string, unknown>;
    // A key says of itself what it is for: one for another algorithm must not be tried with this one.
    if (key.kty !== algorithm.kty || (use !== undefined && use !== "sig")) return false;
    return (alg === undefined || alg === token.algorithm) && (token.keyId === undefined || kid === token.keyId);
  });
  return fitting.some((jwk) => isSigned(token, jwk, algorithm));
}

function isSigned(token: Token, jwk: JsonWebKey, { hash, curve }: Algorithm): boolean {
  if (curve !== undefined && jwk.crv !== curve) return false;
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    // ECDSA: the two numbers side by side (RFC 7518, 3.4), not in DER.
    return verify(hash, Buffer.from(token.signed), { key, dsaEncoding: "ieee-p1363" }, token.signature);
  } catch {
    // A key that is none signs nothing.
    return false;
  }
}

export function assertInTime({ expires, notBefore }: Token, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000);
  if (seconds >= expires)
    throw expiredToken(
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${expires}`,
    );
  if (notBefore !== undefined && seconds + LEEWAY < notBefore)
    throw invalidIdentityToken(`Token is not valid before ${notBefore}, and it is ${seconds}`);
}

/** Clocks differ. */
const LEEWAY = 300;

interface Algorithm {
  readonly kty: string;
  readonly hash: string;
  readonly curve?: string;
}

/** AWS: these, and neither `none` nor one with a shared secret (IAM user guide, "Create an OpenID Connect (OIDC) identity provider in IAM"). */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { kty: "RSA", hash: "sha256" },
  RS384: { kty: "RSA", hash: "sha384" },
  RS512: { kty: "RSA", hash: "sha512" },
  ES256: { kty: "EC", hash: "sha256", curve: "P-256" },
  ES384: { kty: "EC", hash: "sha384", curve: "P-384" },
  ES512: { kty: "EC", hash: "sha512", curve: "P-521" },
};

function decode(part: string): Record<string, unknown> | undefined {
  if (!/^[\w-]+$/.test(part)) return undefined;
  const value: unknown = parseJson(Buffer.from(part, "base64url").toString("utf8"));
  return isRecord(value) ? value : undefined;
}

function textOf(claims: Record<string, unknown>, name: string): string {
  const value = claims[name];
  if (typeof value !== "string" || value === "") throw missingClaim(name);
  return value;
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");
}

const missingClaim = (name: string) => invalidIdentityToken(`Missing a required claim: ${name}`);
const notAToken = () => invalidIdentityToken("The ID Token provided is not a valid JWT.");
