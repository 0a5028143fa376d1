import { signedName } from "../route-clues.ts";
import type { Protocol, WireRequest } from "../wire.ts";
import { awsJson10, awsJson11 } from "./aws-json.ts";
import { awsQuery } from "./aws-query.ts";
import { ec2Query } from "./ec2-query.ts";
import { restJson } from "./rest-json.ts";
import { restXml } from "./rest-xml.ts";
import { rpcV2Cbor } from "./rpc-v2-cbor.ts";

/** A model's protocol of the REST kind; undefined for the others. */
export function restProtocol(name: string): Protocol | undefined {
  return name === "rest-json" ? restJson : name === "rest-xml" ? restXml : undefined;
}

/** Which JSON version a client speaks is its own to say; services answer in kind. */
export function jsonProtocol(request: WireRequest): Protocol {
  return request.headers["content-type"]?.includes("json-1.0") ? awsJson10 : awsJson11;
}

/** The protocol of a request that could not be routed, by its looks alone. */
export function guessProtocol(request: WireRequest): Protocol {
  const type = request.headers["content-type"] ?? "";
  if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return rpcV2Cbor;
  if (request.headers["x-amz-target"] || type.startsWith("application/x-amz-json")) return jsonProtocol(request);
  if (type.startsWith("application/x-www-form-urlencoded")) return signedName(request) === "ec2" ? ec2Query : awsQuery;
  return type.startsWith("application/json") ? restJson : restXml;
}
