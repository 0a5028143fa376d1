import { jsonDecoder, jsonEncoder, parseJsonBody } from "../codecs/json.ts";
import { shapePlan } from "../plan.ts";
import { writeHeaders } from "../bindings.ts";
import type { Protocol } from "../wire.ts";
import { faultMembers, faultStatus, modeledFault, newAnswer } from "./answer.ts";
import { faultBody } from "./fault-body.ts";
import { parseRest, serializeRest, type BodyCodec } from "./rest.ts";

const codec: BodyCodec = {
  contentType: "application/json",
  emptyBody: "{}",
  decode: (at, ref, text) => {
    const value = parseJsonBody(text);
    return value === null ? undefined : jsonDecoder(at.model, ref)(value);
  },
  encode: (at, ref, value) => JSON.stringify(jsonEncoder(at.model, ref)(value)),
  rootName: () => "",
};

export const restJson: Protocol = {
  name: "rest-json",
  parse: (at, incoming) => parseRest(codec, at, incoming),
  serialize: (at, output, requestId) => serializeRest(codec, at, output, requestId),
  serializeFault(at, fault, requestId) {
    const modeled = modeledFault(at?.model, fault.code);
    const answer = newAnswer(at, requestId, faultStatus(fault, modeled));
    const headers: Record<string, string> = {
      ...answer.headers,
      "content-type": codec.contentType,
      "x-amzn-errortype": modeled?.name ?? fault.code,
    };
    const members = faultMembers(fault, modeled);
    if (at && modeled) writeHeaders(shapePlan(at.model, { shape: modeled.name }), members, headers);
    return { ...answer, headers, body: JSON.stringify(faultBody(at, modeled, members)) };
  },
};
