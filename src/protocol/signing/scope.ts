import { hmac, HmacKey } from "#core";

/** Who says to have signed, for what and which headers: header or presigned form alike. */
export interface Claim {
  readonly accessKeyId: string;
  /** `20261122` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** `20261122/eu-west-1/sagemaker/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  /** The same as it came, `host;x-amz-date`. */
  readonly signedNames: string;
}

export interface Authorization {
  readonly claim: Claim;
  readonly signature: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const SIGNATURE = "Signature=";
const SIGNATURE_LENGTH = 64;
const KEPT = 256;
const keys = new Map<string, { readonly secret: string; readonly key: HmacKey }>();

/** The four nested HMACs depend on the day, not on the request: kept for the next one. */
export function signingKey(secret: string, { accessKeyId, scope, day, region, service }: Claim): HmacKey {
  const name = `${accessKeyId}/${scope}`;
  const kept = keys.get(name);
  if (kept?.secret === secret) return kept.key;
  const key = new HmacKey([region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, day)));
  if (keys.size >= KEPT) keys.clear();
  keys.set(name, { secret, key });
  return key;
}

const claims = new Map<string, Claim>();
let last: { readonly header: string; readonly authorization: Authorization } | undefined;

/** `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; undefined when it is not well formed. */
export function parseAuthorization(header: string): Authorization | undefined {
  const known = knownAuthorization(header);
  if (known) return known;
  if (!header.startsWith(`${ALGORITHM} `)) return undefined;
  const authorization = readAuthorization(header);
  const front = header.slice(0, header.lastIndexOf(SIGNATURE) + SIGNATURE.length);
  if (authorization && isPlain(authorization, header, front)) {
    if (claims.size >= KEPT) claims.clear();
    claims.set(front, authorization.claim);
  }
  return authorization;
}

/** What was read before: a client says the same in front of its signature, all day long. The router asks first, then who verifies. */
export function knownAuthorization(header: string): Authorization | undefined {
  if (last?.header === header) return last.authorization;
  const at = header.length - SIGNATURE_LENGTH;
  const claim = claims.get(header.slice(0, at));
  if (!claim) return undefined;
  last = { header, authorization: { claim, signature: header.slice(at) } };
  return last.authorization;
}

/** Nothing else in it that could be read another way. */
function isPlain({ claim, signature }: Authorization, header: string, front: string): boolean {
  if (signature.length !== SIGNATURE_LENGTH || front + signature !== header) return false;
  return (
    header.startsWith(`${ALGORITHM} Credential=${claim.accessKeyId}/${claim.scope},`) &&
    /^\w+\/\d{8}\/[\w-]+\/[\w-]+\/aws4_request$/.test(`${claim.accessKeyId}/${claim.scope}`)
  );
}

function readAuthorization(header: string): Authorization | undefined {
  const parts = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length + 1).split(",")) {
    const equals = part.indexOf("=");
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  return toAuthorization(parts.get("Credential"), parts.get("SignedHeaders"), parts.get("Signature"));
}

export function toAuthorization(
  credential: string | undefined,
  names: string | undefined,
  signature: string | undefined,
): Authorization | undefined {
  if (!credential || !names || !signature) return undefined;
  const parts = credential.split("/");
  const [end, service, region, day] = parts.slice(-4).toReversed();
  const accessKeyId = parts.slice(0, -4).join("/");
  if (end !== "aws4_request" || !service || !region || !day || !accessKeyId) return undefined;
  const scope = `${day}/${region}/${service}/${end}`;
  const signedHeaders = names.split(";");
  return { claim: { accessKeyId, day, region, service, scope, signedHeaders, signedNames: names }, signature };
}
