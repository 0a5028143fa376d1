import { type AwsFault, fault } from "../fault.ts";
import type { ServiceModel } from "../model.ts";

/** Each family of services words the same refusal its own way. */
export type Dialect = "json" | "rest-json" | "query" | "xml";

export function dialectOf(model: ServiceModel): Dialect {
  const { protocol } = model.metadata;
  if (protocol === "rest-xml") return "xml";
  return protocol === "query" || protocol === "rest-json" ? protocol : "json";
}

type Refusal = "missing" | "incomplete" | "unknownKey" | "badToken" | "expiredToken" | "mismatch";

const INVALID_TOKEN = "The security token included in the request is invalid.";
const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

type Wording = Readonly<Record<Refusal, readonly [code: string, status: number, message: string]>>;

const JSON_WORDING: Wording = {
  missing: ["MissingAuthenticationTokenException", 400, "Missing Authentication Token"],
  incomplete: ["IncompleteSignatureException", 400, "The request signature does not conform to AWS standards."],
  unknownKey: ["UnrecognizedClientException", 400, INVALID_TOKEN],
  badToken: ["UnrecognizedClientException", 400, INVALID_TOKEN],
  expiredToken: ["ExpiredTokenException", 400, "The security token included in the request is expired"],
  mismatch: ["InvalidSignatureException", 400, MISMATCH],
};

const WORDINGS: Readonly<Record<Dialect, Wording>> = {
  json: JSON_WORDING,
  "rest-json": JSON_WORDING,
  query: {
    missing: ["MissingAuthenticationToken", 403, "Request is missing Authentication Token"],
    incomplete: ["IncompleteSignature", 400, "The request signature does not conform to AWS standards."],
    unknownKey: ["InvalidClientTokenId", 403, INVALID_TOKEN],
    badToken: ["InvalidClientTokenId", 403, INVALID_TOKEN],
    expiredToken: ["ExpiredToken", 403, "The security token included in the request is expired"],
    mismatch: ["SignatureDoesNotMatch", 403, MISMATCH],
  },
  xml: {
    missing: ["AccessDenied", 403, "Access Denied"],
    incomplete: ["AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid."],
    unknownKey: ["InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."],
    badToken: ["InvalidToken", 400, "The provided token is malformed or otherwise invalid."],
    expiredToken: ["ExpiredToken", 400, "The provided token has expired."],
    mismatch: [
      "SignatureDoesNotMatch",
      403,
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ],
  },
};

export function refused(model: ServiceModel, refusal: Refusal, members?: Readonly<Record<string, unknown>>): AwsFault {
  const dialect = dialectOf(model);
  const [code, said, message] = WORDINGS[dialect][refusal];
  // AWS: REST-JSON services (Lambda, API Gateway) say the same as the JSON ones, with 403.
  const status = dialect === "rest-json" ? 403 : said;
  return fault(code, message, { status, ...(members && { members }) });
}

/** The request's clock and ours differ by more than fifteen minutes. */
export function skewed(model: ServiceModel, date: string, now: Date): AwsFault {
  if (dialectOf(model) === "xml") {
    return fault("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", {
      status: 403,
      members: { RequestTime: date, ServerTime: now.toISOString(), MaxAllowedSkewMilliseconds: 900_000 },
    });
  }
  const ours = compactDate(now);
  const early = date < ours;
  const limit = compactDate(new Date(now.getTime() + (early ? -900_000 : 900_000)));
  const sentence = early
    ? `Signature expired: ${date} is now earlier than ${limit} (${ours} - 15 min.)`
    : `Signature not yet current: ${date} is still later than ${limit} (${ours} + 15 min.)`;
  const [code, status] = WORDINGS[dialectOf(model)].mismatch;
  return fault(code, sentence, { status });
}

/** A presigned request after its time. */
export function outlived(model: ServiceModel, seconds: number, expires: Date, now: Date): AwsFault {
  if (dialectOf(model) === "xml") {
    return fault("AccessDenied", "Request has expired", {
      status: 403,
      members: { "X-Amz-Expires": seconds, Expires: expires.toISOString(), ServerTime: now.toISOString() },
    });
  }
  const [code, status] = WORDINGS[dialectOf(model)].mismatch;
  return fault(code, `Signature expired: ${compactDate(expires)} is now earlier than ${compactDate(now)}`, { status });
}

/** `20261122T101500Z` */
export function compactDate(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

export function parseCompactDate(text: string): Date | undefined {
  // Clients say the same second again and again.
  if (last?.text !== text) last = { text, date: readCompactDate(text) };
  return last.date;
}

let last: { readonly text: string; readonly date: Date | undefined } | undefined;

function readCompactDate(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
