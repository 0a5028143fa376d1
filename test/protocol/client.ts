import { readBindings } from "../../src/protocol/bindings.ts";
import { fromCbor } from "../../src/protocol/codecs/cbor.ts";
import { decodeCbor } from "../../src/protocol/codecs/cbor-bytes.ts";
import { jsonDecoder } from "../../src/protocol/codecs/json.ts";
import { parseXml, xmlDecoder } from "../../src/protocol/codecs/xml-read.ts";
import { shapePlan } from "../../src/protocol/plan.ts";
import type { ShapeRef } from "#protocol";
import type { ProtocolCase } from "./cases.ts";

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Members = Record<string, unknown>;
type XmlNode = Readonly<Record<string, never>>;

/** What a client's caller gets: the members of the output, from headers, status and body. */
export function readOutput(one: ProtocolCase, answer: Answer): Members {
  const ref = one.operation.output;
  if (!ref) return {};
  return readMembers(one, ref, answer, (text) => {
    const root = parseXml(text) as XmlNode;
    if (one.model.metadata.protocol !== "query") return root;
    return root[one.operation.output?.resultWrapper ?? `${one.operation.name}Result`] ?? "";
  });
}

/** What a client's caller gets of a failure. */
export function readFault(one: ProtocolCase, answer: Answer): { code: string; message: string; members: Members } {
  const error = errorOf(one, answer);
  const queryCode = answer.headers["x-amzn-query-error"]?.split(";")[0];
  const namespaced =
    queryCode ?? answer.headers["x-amzn-errortype"] ?? error["__type"] ?? error["code"] ?? error["Code"];
  const code = String(namespaced).replace(/^.*#/, "").replace(/:.*$/, "");
  const ref = one.operation.errors?.map(({ shape }) => ({ shape })).find(({ shape }) => one.model.shapes[shape]);
  const members = ref
    ? readMembers(one, ref, answer, (text) => errorOf(one, { ...answer, body: Buffer.from(text) }))
    : {};
  return { code, message: String(error["message"] ?? error["Message"] ?? ""), members };
}

function errorOf(one: ProtocolCase, answer: Answer): Members {
  if (answer.body.length === 0) return {};
  if (isCbor(one)) return decodeCbor(answer.body) as Members;
  const text = answer.body.toString("utf8");
  if (isJson(one)) return JSON.parse(text) as Members;
  const root = parseXml(text) as XmlNode;
  return root["Errors"]?.["Error"] ?? root["Error"] ?? root;
}

function readMembers(one: ProtocolCase, ref: ShapeRef, answer: Answer, root: (text: string) => unknown): Members {
  const { model } = one;
  const plan = shapePlan(model, ref);
  const request = { method: "", path: "", query: "", host: "", headers: answer.headers };
  const members = readBindings(plan, { request, labels: {}, body: answer.body });
  if (plan.statusCode) members[plan.statusCode] = answer.status;
  const read = (part: ShapeRef): unknown => {
    if (isCbor(one)) return fromCbor(model, part, answer.body);
    const text = answer.body.toString("utf8");
    return isJson(one) ? jsonDecoder(model, part)(JSON.parse(text)) : xmlDecoder(model, part)(root(text) as XmlNode);
  };
  if (answer.body.length === 0) return members;
  if (!plan.payload || isRpc(one)) return plan.body || isRpc(one) ? { ...members, ...(read(ref) as Members) } : members;
  members[plan.payload.member] = plan.payload.kind === "value" ? read(plan.payload.ref) : answer.body;
  if (plan.payload.kind === "text") members[plan.payload.member] = answer.body.toString("utf8");
  return members;
}

function isJson({ model }: ProtocolCase): boolean {
  return model.metadata.protocol.includes("json");
}

/** RPC protocols know no payload: every member stands in the body. */
function isRpc(one: ProtocolCase): boolean {
  return isCbor(one) || /^(json|query|ec2)$/.test(one.model.metadata.protocol);
}

export function isCbor({ file }: ProtocolCase): boolean {
  return file.startsWith("smithy-rpc-v2-cbor");
}
