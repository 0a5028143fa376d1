import { element, escapeXml, xmlEncoder } from "../codecs/xml-write.ts";
import type { AwsFault } from "../fault.ts";
import type { At } from "../wire.ts";
import type { ModeledFault } from "./answer.ts";

/** `<Code/><Message/>` and the fault's members; those that the model does not know are written as text. */
export function faultElements(at: At | undefined, fault: AwsFault, modeled: ModeledFault | undefined): string {
  const code = modeled?.shape.error?.code ?? fault.code;
  let text = element("Code", escapeXml(code)) + element("Message", escapeXml(fault.message));
  for (const [name, value] of Object.entries(fault.members ?? {})) {
    if (value === undefined || value === null) continue;
    const ref = modeled?.shape.members?.[name];
    if (ref?.location) continue;
    text +=
      at && ref ? xmlEncoder(at.model, ref)(value, ref.locationName ?? name) : element(name, escapeXml(String(value)));
  }
  return text;
}
