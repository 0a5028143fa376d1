import type { AwsFault } from "../fault.ts";
import type { At } from "../wire.ts";
import { faultStatus, type ModeledFault } from "./answer.ts";

/** `Code;Sender` for clients that knew the service by its Query API; undefined for services that never had one. */
export function queryErrorHeader(
  at: At | undefined,
  fault: AwsFault,
  modeled: ModeledFault | undefined,
): string | undefined {
  if (!at?.model.metadata.awsQueryCompatible) return undefined;
  return `${modeled?.shape.error?.code ?? fault.code};${faultStatus(fault, modeled, at) < 500 ? "Sender" : "Receiver"}`;
}
