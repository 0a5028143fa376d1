import { toText } from "../codecs/blob.ts";
import { ec2Decoder, parseForm } from "../codecs/query.ts";
import { element, namespaceAttribute, xmlEncoder } from "../codecs/xml-write.ts";
import { planOf } from "../plan.ts";
import type { Members, Protocol } from "../wire.ts";
import { bytesOf, faultStatus, modeledFault, newAnswer } from "./answer.ts";
import { faultElements } from "./fault-xml.ts";

const CONTENT_TYPE = "text/xml;charset=UTF-8";

/** The Query protocol as EC2 speaks it: answers without a result element, errors in a list of one. */
export const ec2Query: Protocol = {
  name: "ec2-query",
  parse(at, incoming) {
    const plan = planOf(at.model, at.operation).input;
    if (!plan) return {};
    const body = toText(bytesOf(incoming.body));
    return ec2Decoder(at.model, plan.ref)(parseForm(body === "" ? incoming.request.query : body)) as Members;
  },
  serialize(at, output, requestId) {
    const plan = planOf(at.model, at.operation).output;
    const answer = newAnswer(at, requestId, 200);
    answer.headers["content-type"] = CONTENT_TYPE;
    const members = plan ? contentOf(xmlEncoder(at.model, plan.ref)(output, "Output")) : "";
    const content = element("requestId", requestId) + members;
    return {
      ...answer,
      body: element(`${at.operation}Response`, content, namespaceAttribute(at.model.metadata.xmlNamespace)),
    };
  },
  serializeFault(at, fault, requestId) {
    const modeled = modeledFault(at?.model, fault.code);
    const answer = newAnswer(at, requestId, faultStatus(fault, modeled));
    answer.headers["content-type"] = CONTENT_TYPE;
    const errors = element("Errors", element("Error", faultElements(at, fault, modeled)));
    // AWS: `RequestID` in errors, `requestId` in answers. Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API".
    return { ...answer, body: element("Response", errors + element("RequestID", requestId)) };
  },
};

/** What stands inside the outermost element. */
function contentOf(xml: string): string {
  return xml.endsWith("/>") && !xml.includes("</Output>") ? "" : xml.slice(xml.indexOf(">") + 1, xml.lastIndexOf("</"));
}
