import type { Live } from "#kernel";

/** Why a running job is to end. */
export type StopCause = "asked" | "runtime" | "shutdown";

/** The jobs that run in this server, by ARN. */
export type Running = Map<string, AbortController>;

export const runningJobs: Live<Running> = { name: "sagemaker.jobs", create: () => new Map() };
