import { parseQuery } from "./bindings.ts";
import type { WireRequest } from "./wire.ts";

const PRESIGNED = /(?:^|&)(?:X-Amz-Signature|Signature)=/;

/**
 * A presigned request's headers, with those that the signer moved into the query: a link cannot carry any.
 * AWS: S3 reads `x-amz-acl`, `x-amz-meta-…` and the like from either place. Checksums are left where they are: signers
 * compute them over the empty body that they have.
 */
export function hoistedHeaders(request: WireRequest): Readonly<Record<string, string>> {
  if (request.query === "" || !PRESIGNED.test(request.query)) return request.headers;
  const hoisted = parseQuery(request.query)
    .map(([name, value]) => [name.toLowerCase(), value, name] as const)
    .filter(([lower, , name]) => isHoistable(lower) && name === lower)
    .map(([lower, value]) => [lower, value] as const);
  return hoisted.length === 0 ? request.headers : { ...Object.fromEntries(hoisted), ...request.headers };
}

function isHoistable(name: string): boolean {
  if (name === "content-type" || name === "content-md5") return true;
  // What is no header's name cannot have been one.
  if (!/^[\w.!#$%&'*+^`|~-]+$/.test(name)) return false;
  return name.startsWith("x-amz-") && !name.startsWith("x-amz-checksum-") && !name.startsWith("x-amz-sdk-");
}
