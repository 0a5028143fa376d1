import { jsonEncoder } from "../codecs/json.ts";
import { shapePlan } from "../plan.ts";
import type { At, Members } from "../wire.ts";
import type { ModeledFault } from "./answer.ts";

/** A fault's members as JSON; those that the model does not know are written as they are. */
export function faultBody(at: At | undefined, modeled: ModeledFault | undefined, members: Members): Members {
  if (!at || !modeled) return members;
  const ref = { shape: modeled.name };
  const outside = new Set(shapePlan(at.model, ref).headers.map(({ member }) => member));
  const known = modeled.shape.members ?? {};
  const inside: Members = {};
  const unknown: Members = {};
  for (const [name, value] of Object.entries(members)) {
    if (outside.has(name)) continue;
    (known[name] ? inside : unknown)[name] = value;
  }
  return { ...unknown, ...(jsonEncoder(at.model, ref)(inside) as Members) };
}
