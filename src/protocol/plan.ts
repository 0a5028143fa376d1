import type { ServiceModel } from "./model.ts";

/** Whether the operation's payload must reach `parse` as a stream. */
export function isStreamingInput(model: ServiceModel, operation: string): boolean {
  void model;
  void operation;
  throw new Error("being written");
}
