import { toText } from "../codecs/blob.ts";
import { jsonDecoder, jsonEncoder, parseJsonBody } from "../codecs/json.ts";
import { planOf } from "../plan.ts";
import type { Members, Protocol } from "../wire.ts";
import { bytesOf, faultMembers, faultStatus, modeledFault, newAnswer } from "./answer.ts";
import { faultBody } from "./fault-body.ts";
import { queryErrorHeader } from "./query-error.ts";

export const awsJson10 = awsJson("1.0");
export const awsJson11 = awsJson("1.1");

function awsJson(version: string): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  return {
    name: `aws-json-${version}`,
    parse(at, incoming) {
      const plan = planOf(at.model, at.operation).input;
      const text = toText(bytesOf(incoming.body));
      if (!plan || text === "") return {};
      return jsonDecoder(at.model, plan.ref)(parseJsonBody(text)) as Members;
    },
    serialize(at, output, requestId) {
      const plan = planOf(at.model, at.operation).output;
      const answer = newAnswer(at, requestId, 200);
      answer.headers["content-type"] = contentType;
      return { ...answer, body: plan ? JSON.stringify(jsonEncoder(at.model, plan.ref)(output)) : "{}" };
    },
    serializeFault(at, fault, requestId) {
      const modeled = modeledFault(at?.model, fault.code);
      const answer = newAnswer(at, requestId, faultStatus(fault, modeled, at));
      const headers: Record<string, string> = { ...answer.headers, "content-type": contentType };
      const queryError = queryErrorHeader(at, fault, modeled);
      if (queryError) headers["x-amzn-query-error"] = queryError;
      const body = { __type: modeled?.name ?? fault.code, ...faultBody(at, modeled, faultMembers(fault, modeled)) };
      return { ...answer, headers, body: JSON.stringify(body) };
    },
  };
}
