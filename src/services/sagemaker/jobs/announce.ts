import { AwsFault } from "#protocol";
import { emit } from "../events.ts";
import type { JobContext } from "./state.ts";

/** AWS: events are best effort. One that the bus refuses (its detail has a limit, requests may be larger) does not fail a job. */
export async function announce(
  ctx: JobContext,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
  arn: string,
): Promise<void> {
  try {
    await emit(ctx, detailType, detail, [arn]);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
  }
}
