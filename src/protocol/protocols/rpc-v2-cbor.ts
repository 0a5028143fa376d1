import { encodeCbor } from "../codecs/cbor-bytes.ts";
import { fromCbor, toCbor } from "../codecs/cbor.ts";
import { planOf } from "../plan.ts";
import type { Members, Protocol } from "../wire.ts";
import { bytesOf, faultMembers, faultStatus, modeledFault, newAnswer } from "./answer.ts";
import { queryErrorHeader } from "./query-error.ts";

const HEADERS = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };

export const rpcV2Cbor: Protocol = {
  name: "rpc-v2-cbor",
  parse(at, incoming) {
    const plan = planOf(at.model, at.operation).input;
    const body = bytesOf(incoming.body);
    return plan && body.length > 0 ? (fromCbor(at.model, plan.ref, body) as Members) : {};
  },
  serialize(at, output, requestId) {
    const plan = planOf(at.model, at.operation).output;
    const answer = newAnswer(at, requestId, 200);
    return {
      ...answer,
      headers: { ...answer.headers, ...HEADERS },
      body: plan ? toCbor(at.model, plan.ref, output) : encodeCbor({}),
    };
  },
  serializeFault(at, fault, requestId) {
    const modeled = modeledFault(at?.model, fault.code);
    const answer = newAnswer(at, requestId, faultStatus(fault, modeled, at));
    const headers: Record<string, string> = { ...answer.headers, ...HEADERS };
    const queryError = queryErrorHeader(at, fault, modeled);
    if (queryError) headers["x-amzn-query-error"] = queryError;
    const body = { __type: modeled?.name ?? fault.code, ...faultMembers(fault, modeled) };
    return { ...answer, headers, body: encodeCbor(body) };
  },
};
