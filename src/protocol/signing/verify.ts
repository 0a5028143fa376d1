import { hash } from "node:crypto";
import { parseQuery } from "../bindings.ts";
import { fault } from "../fault.ts";
import type { WireRequest } from "../wire.ts";
import type { ChunkSigning, PayloadCheck, Verified, VerifyOptions } from "./verified.ts";
import { stringToSign } from "./canonical.ts";
import { compactDate, dialectOf, outlived, parseCompactDate, refused, skewed } from "./faults.ts";
import { refuseMismatch, requireKey, sameText } from "./key.ts";
import { isPresignedV2, verifyPresignedV2 } from "./query-v2.ts";
import { type Authorization, parseAuthorization, signingKey, toAuthorization } from "./scope.ts";

interface Signed extends Authorization {
  readonly date: string;
  readonly token: string | undefined;
  /** Seconds, for a presigned request. */
  readonly lifetime: number | undefined;
}

const SKEW = 15 * 60_000;
const LONGEST_LIFETIME = 7 * 24 * 60 * 60;
const UNSIGNED = "UNSIGNED-PAYLOAD";

/**
 * Signature Version 4, header and presigned forms. `body` is undefined when it streams.
 * A request without any signature gives undefined: whether that may pass is the caller's to say.
 */
export function verifySignature(
  request: WireRequest,
  body: Uint8Array | undefined,
  options: VerifyOptions,
): Verified | undefined {
  const { model, quirks } = options.at;
  if (quirks.singleEncodedPath && isPresignedV2(request)) return verifyPresignedV2(request, options);
  const signed = readSigned(request, options);
  if (!signed) return undefined;
  assertInTime(signed, options);
  assertSigned(request, signed, options);
  const { claim, signature, date } = signed;
  const key = requireKey({ accessKeyId: claim.accessKeyId, token: signed.token }, options);
  const payloadHash = payloadHashOf(request, body, signed, options);
  const text = stringToSign(request, claim, {
    date,
    payloadHash,
    singleEncodedPath: quirks.singleEncodedPath === true,
    presigned: signed.lifetime !== undefined,
  });
  const derived = signingKey(key.secretAccessKey, claim);
  if (!sameText(derived.sign(text), signature)) throw refuseMismatch(model, claim.accessKeyId, text);
  const chunks = { key: derived, date, scope: claim.scope, seed: signature };
  const payload = payloadCheck(payloadHash, body, chunks);
  return { accessKeyId: claim.accessKeyId, service: claim.service, region: claim.region, payload };
}

function readSigned(request: WireRequest, options: VerifyOptions): Signed | undefined {
  const { model } = options.at;
  const header = request.headers["authorization"];
  if (header === undefined)
    return request.query.includes("X-Amz-Signature=") ? readPresigned(request, options) : undefined;
  const authorization = parseAuthorization(header);
  if (!authorization?.claim.signedHeaders.includes("host")) throw refused(model, "incomplete");
  const date = request.headers["x-amz-date"] ?? fromHttpDate(request.headers["date"]);
  if (date === undefined) throw refused(model, "incomplete");
  const { claim, signature } = authorization;
  return { claim, signature, date, token: request.headers["x-amz-security-token"], lifetime: undefined };
}

function readPresigned(request: WireRequest, options: VerifyOptions): Signed {
  const { model } = options.at;
  const query = new Map(parseQuery(request.query));
  const authorization = toAuthorization(
    query.get("X-Amz-Credential"),
    query.get("X-Amz-SignedHeaders"),
    query.get("X-Amz-Signature"),
  );
  const date = query.get("X-Amz-Date");
  const lifetime = Number(query.get("X-Amz-Expires") ?? Number.NaN);
  const valid = query.get("X-Amz-Algorithm") === "AWS4-HMAC-SHA256" && Number.isInteger(lifetime) && lifetime >= 0;
  if (!authorization?.claim.signedHeaders.includes("host") || date === undefined || !valid) {
    throw dialectOf(model) === "xml" ? incompleteQuery() : refused(model, "incomplete");
  }
  if (lifetime > LONGEST_LIFETIME) {
    throw fault(
      "AuthorizationQueryParametersError",
      "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    );
  }
  return { ...authorization, date, token: query.get("X-Amz-Security-Token"), lifetime };
}

function incompleteQuery() {
  return fault(
    "AuthorizationQueryParametersError",
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
  );
}

function assertInTime({ claim, date, lifetime }: Signed, { at: { model }, now }: VerifyOptions): void {
  const time = parseCompactDate(date);
  if (!time || !date.startsWith(claim.day)) throw refused(model, "incomplete");
  const ahead = time.getTime() - now.getTime();
  if (ahead > SKEW || (lifetime === undefined && ahead < -SKEW)) throw skewed(model, date, now);
  if (lifetime === undefined) return;
  const expires = new Date(time.getTime() + lifetime * 1000);
  if (expires < now) throw outlived(model, lifetime, expires, now);
}

/** AWS: S3 takes no `x-amz-` header that the signature does not cover: nobody may add one on the way. */
function assertSigned(request: WireRequest, { claim }: Signed, { at: { model } }: VerifyOptions): void {
  if (dialectOf(model) !== "xml") return;
  const loose = Object.keys(request.headers).filter(
    (name) => name.startsWith("x-amz-") && name !== "x-amz-content-sha256" && !claim.signedHeaders.includes(name),
  );
  if (loose.length === 0) return;
  throw fault("AccessDenied", "There were headers present in the request which were not signed", {
    status: 403,
    members: { HeadersNotSigned: loose.join(", ") },
  });
}

/** The last line of what was signed. What is announced of a body that we have is checked here. */
function payloadHashOf(
  request: WireRequest,
  body: Uint8Array | undefined,
  signed: Signed,
  options: VerifyOptions,
): string {
  const { singleEncodedPath } = options.at.quirks;
  const announced = request.headers["x-amz-content-sha256"];
  if (announced === undefined) {
    if (singleEncodedPath && signed.lifetime !== undefined) return UNSIGNED;
    if (singleEncodedPath || body === undefined) {
      throw fault("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
    }
    return hash("sha256", body, "hex");
  }
  if (announced === UNSIGNED || announced.startsWith("STREAMING-") || body === undefined) return announced;
  // No secret: who sent the body knows its hash.
  if (hash("sha256", body, "hex") !== announced.toLowerCase()) throw hashMismatch(options);
  return announced;
}

function hashMismatch({ at: { model } }: VerifyOptions) {
  if (dialectOf(model) !== "xml") return refused(model, "mismatch");
  return fault(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}

function payloadCheck(announced: string, body: Uint8Array | undefined, signing: ChunkSigning): PayloadCheck {
  if (announced === UNSIGNED) return { kind: "unsigned" };
  if (announced.startsWith("STREAMING-")) {
    const trailer = announced.endsWith("-TRAILER");
    if (announced === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return { kind: "chunked", trailer, signing: undefined };
    if (!announced.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) {
      throw fault("NotImplemented", `The payload's signing algorithm ${announced} is not implemented.`, {
        status: 501,
      });
    }
    return { kind: "chunked", trailer, signing };
  }
  return body === undefined ? { kind: "sha256", hash: announced.toLowerCase() } : { kind: "done" };
}

function fromHttpDate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (parseCompactDate(text)) return text;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : compactDate(new Date(time));
}
