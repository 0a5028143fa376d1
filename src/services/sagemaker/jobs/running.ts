import type { Kernel, Live } from "#kernel";
import { validation } from "../faults.ts";

/** Why a running job is to end. */
export type StopCause = "asked" | "runtime" | "shutdown";

/** The jobs that run in this server, by ARN. */
export type Running = Map<string, AbortController>;

export const runningJobs: Live<Running> = { name: "sagemaker.jobs", create: () => new Map() };

export function isRunning({ status }: { readonly status: string }): boolean {
  return status === "InProgress" || status === "Stopping";
}

/** AWS: awslabs/benchmark-ai issue 928. `kind` as in "training job". */
export function requireStoppable(kind: string, { status }: { readonly status: string }): void {
  if (status !== "InProgress") throw validation(`The request was rejected because the ${kind} is in status ${status}.`);
}

/** Ends the job because its owner asked; one that has ended meanwhile stays as it is. */
export function askToStop(kernel: Kernel, arn: string): void {
  kernel
    .live(runningJobs)
    .get(arn)
    ?.abort("asked" satisfies StopCause);
}
