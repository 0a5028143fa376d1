import { toText } from "../codecs/blob.ts";
import { parseForm, queryDecoder } from "../codecs/query.ts";
import { element, namespaceAttribute, xmlEncoder } from "../codecs/xml-write.ts";
import { planOf } from "../plan.ts";
import type { At, Members, Protocol } from "../wire.ts";
import { bytesOf, faultStatus, modeledFault, newAnswer } from "./answer.ts";
import { faultElements } from "./fault-xml.ts";

const CONTENT_TYPE = "text/xml";

export const awsQuery: Protocol = {
  name: "aws-query",
  parse(at, incoming) {
    const plan = planOf(at.model, at.operation).input;
    if (!plan) return {};
    const body = toText(bytesOf(incoming.body));
    // A presigned call has its parameters in the query, any other in the form.
    return queryDecoder(at.model, plan.ref)(parseForm(body === "" ? incoming.request.query : body)) as Members;
  },
  serialize(at, output, requestId) {
    const plan = planOf(at.model, at.operation).output;
    const answer = newAnswer(at, requestId, 200);
    answer.headers["content-type"] = CONTENT_TYPE;
    const wrapper = planOf(at.model, at.operation).operation.output?.resultWrapper ?? `${at.operation}Result`;
    const result = plan ? xmlEncoder(at.model, plan.ref)(output, wrapper) : "";
    const metadata = element("ResponseMetadata", element("RequestId", requestId));
    return { ...answer, body: element(`${at.operation}Response`, result + metadata, namespaceOf(at)) };
  },
  serializeFault(at, fault, requestId) {
    const modeled = modeledFault(at?.model, fault.code);
    const status = faultStatus(fault, modeled);
    const answer = newAnswer(at, requestId, status);
    answer.headers["content-type"] = CONTENT_TYPE;
    const error = element(
      "Error",
      element("Type", status < 500 ? "Sender" : "Receiver") + faultElements(at, fault, modeled),
    );
    return { ...answer, body: element("ErrorResponse", error + element("RequestId", requestId), namespaceOf(at)) };
  },
};

function namespaceOf(at: At | undefined): string {
  return namespaceAttribute(at?.model.metadata.xmlNamespace);
}
