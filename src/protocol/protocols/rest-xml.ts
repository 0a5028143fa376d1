import { writeHeaders } from "../bindings.ts";
import { parseXml, xmlDecoder } from "../codecs/xml-read.ts";
import { element, escapeXml, namespaceAttribute, xmlEncoder } from "../codecs/xml-write.ts";
import { requireShape, type ShapeRef } from "../model.ts";
import { planOf, shapePlan } from "../plan.ts";
import type { At, Members, Protocol } from "../wire.ts";
import { faultStatus, modeledFault, newAnswer } from "./answer.ts";
import { faultElements } from "./fault-xml.ts";
import { parseRest, serializeRest, type BodyCodec } from "./rest.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const codec: BodyCodec = {
  contentType: "application/xml",
  emptyBody: undefined,
  decode: (at, ref, text) => xmlDecoder(at.model, ref)(parseXml(text)),
  encode(at, ref, value, name) {
    if (planOf(at.model, at.operation).operation.unwrappedXmlOutput) return unwrapped(at, ref, value as Members);
    return DECLARATION + rooted(at, xmlEncoder(at.model, ref)(value, name), name);
  },
  rootName: (at, plan) => plan.shape.locationName ?? plan.ref.locationName ?? `${at.operation}Result`,
};

export const restXml: Protocol = {
  name: "rest-xml",
  parse: (at, incoming) => parseRest(codec, at, incoming),
  serialize: (at, output, requestId) => serializeRest(codec, at, output, requestId),
  serializeFault(at, fault, requestId) {
    const modeled = modeledFault(at?.model, fault.code);
    const status = faultStatus(fault, modeled);
    const answer = newAnswer(at, requestId, status);
    answer.headers["content-type"] = codec.contentType;
    if (at && modeled) {
      writeHeaders(shapePlan(at.model, { shape: modeled.name }), { ...fault.members }, answer.headers);
    }
    const inner = faultElements(at, fault, modeled);
    const id = element("RequestId", escapeXml(requestId));
    if (!at || at.model.metadata.noErrorWrapping) {
      return { ...answer, body: DECLARATION + element("Error", inner + id) };
    }
    const type = element("Type", status < 500 ? "Sender" : "Receiver");
    const body = element(
      "ErrorResponse",
      element("Error", type + inner) + id,
      namespaceAttribute(at.model.metadata.xmlNamespace),
    );
    return { ...answer, body: DECLARATION + body };
  },
};

/** The service's namespace on the root element, unless the model gave it one. */
function rooted(at: At, body: string, name: string): string {
  const namespace = namespaceAttribute(at.model.metadata.xmlNamespace);
  const opening = `<${name}`;
  if (namespace === "" || !body.startsWith(opening) || body.slice(0, body.indexOf(">")).includes(" xmlns="))
    return body;
  return opening + namespace + body.slice(opening.length);
}

/** The only member stands as the root: `<LocationConstraint>eu-west-1</LocationConstraint>`. */
function unwrapped(at: At, ref: ShapeRef, value: Members): string {
  const [[name, member] = []] = Object.entries(requireShape(at.model, ref.shape).members ?? {});
  if (name === undefined || member === undefined) return DECLARATION;
  const inner = value[name];
  const root = member.locationName ?? name;
  const body = inner === undefined || inner === null ? element(root, "") : xmlEncoder(at.model, member)(inner, root);
  return DECLARATION + rooted(at, body, root);
}
