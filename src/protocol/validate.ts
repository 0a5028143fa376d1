import type { At, Members } from "./wire.ts";

/** Throws AWS's own fault for the constraints of the model: required, length, range, pattern, enum. */
export function validate(at: At, input: Members): void {
  void at;
  void input;
  throw new Error("being written");
}
