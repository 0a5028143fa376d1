import { createHmac } from "node:crypto";
import { parseQuery } from "../bindings.ts";
import { hoistedHeaders } from "../hoisted.ts";
import { hostLabelOf } from "../route-clues.ts";
import type { WireRequest } from "../wire.ts";
import { fault } from "../fault.ts";
import { requireKey, refuseMismatch, sameText } from "./key.ts";
import { outlived } from "./faults.ts";
import type { Verified, VerifyOptions } from "./verified.ts";

/** The parameters that name a part of a resource, and so are signed. */
const SIGNED_PARAMETERS = new Set(
  (
    "accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification object-lock " +
    "partNumber policy replication requestPayment response-cache-control response-content-disposition response-content-encoding " +
    "response-content-language response-content-type response-expires restore select select-type storageClass tagging torrent " +
    "uploadId uploads versionId versioning versions website"
  ).split(" "),
);

export function isPresignedV2(request: WireRequest): boolean {
  return /(?:^|&)AWSAccessKeyId=/.test(request.query) && /(?:^|&)Signature=/.test(request.query);
}

/**
 * Presigned URLs of Signature Version 2: what boto3 makes for S3 unless it is told otherwise, whatever the region.
 * The whole of the request counts as unsigned but method, path, expiry and `x-amz-` headers.
 */
export function verifyPresignedV2(request: WireRequest, options: VerifyOptions): Verified {
  const { at, now } = options;
  const query = new Map(parseQuery(request.query));
  const accessKeyId = query.get("AWSAccessKeyId") ?? "";
  const expires = Number(query.get("Expires") ?? Number.NaN);
  if (!Number.isInteger(expires)) {
    throw fault(
      "AccessDenied",
      "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
      {
        status: 403,
      },
    );
  }
  const end = new Date(expires * 1000);
  if (end < now) throw outlived(at.model, expires, end, now);
  const headers = hoistedHeaders(request);
  const key = requireKey({ accessKeyId, token: headers["x-amz-security-token"] }, options);
  const text = stringToSign(request, headers, {
    expires,
    bucket: at.quirks.hostLabel && hostLabelOf(request, at.quirks.hostLabel),
  });
  const signature = createHmac("sha1", key.secretAccessKey).update(text).digest("base64");
  if (!sameText(signature, query.get("Signature") ?? "")) throw refuseMismatch(at.model, accessKeyId, text);
  return { accessKeyId, service: "", region: options.region ?? "us-east-1", payload: { kind: "unsigned" } };
}

function stringToSign(
  request: WireRequest,
  headers: Readonly<Record<string, string>>,
  { expires, bucket }: { readonly expires: number; readonly bucket: string | undefined },
): string {
  const amazon = Object.keys(headers)
    .filter((name) => name.startsWith("x-amz-"))
    .toSorted()
    .map((name) => `${name}:${headers[name]?.trim()}\n`);
  const parameters = request.query
    .split("&")
    .map((pair) => pair.split("=", 2) as [string, string?])
    .filter(([name]) => SIGNED_PARAMETERS.has(name))
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => (value === undefined ? name : `${name}=${decodeURIComponent(value)}`));
  const path = (bucket === undefined ? "" : `/${bucket}`) + request.path;
  const resource = parameters.length === 0 ? path : `${path}?${parameters.join("&")}`;
  const [md5 = "", type = ""] = [headers["content-md5"], headers["content-type"]];
  return `${request.method}\n${md5}\n${type}\n${expires}\n${amazon.join("")}${resource}`;
}
