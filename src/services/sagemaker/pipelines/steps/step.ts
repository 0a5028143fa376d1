import type { JsonObject, JsonValue } from "#core";
import type { StepDeclaration } from "../definition.ts";
import type { Surroundings } from "../references.ts";
import type { ExecutionRow, PipelinesContext } from "../state.ts";

/** How one type of step is carried out. */
export interface StepRunner {
  /** Does the step's work; throws `StepFailed` when the work itself fails. */
  run(step: StepDeclaration, at: StepSurroundings): Promise<StepResult>;
  /** The arguments that decide whether an earlier result can stand in for this one. Absent: the step is never cached. */
  cacheKey?(args: JsonObject): JsonValue;
}

export interface StepSurroundings {
  /** Acts as the pipeline's role. */
  readonly ctx: PipelinesContext;
  readonly execution: ExecutionRow;
  readonly around: Surroundings;
  /** The step's arguments, with every reference carried out. */
  readonly args: JsonObject;
  /** Aborted when the execution is stopped. */
  readonly signal: AbortSignal;
  /** Tells what the step has made as soon as it is known, for those who watch. */
  progress(metadata: Readonly<Record<string, unknown>>): void;
}

export interface StepResult {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly properties: JsonValue;
}

/** The step did not succeed; `reason` is for the user. `kind` is what retry policies ask for. */
export class StepFailed extends Error {
  readonly kind: string | undefined;
  constructor(reason: string, options: { readonly kind?: string; readonly cause?: unknown } = {}) {
    super(reason, { cause: options.cause });
    this.kind = options.kind;
  }
}

/** The step ended because the execution was stopped. */
export class StepStopped extends Error {}

/** Values as they look in JSON: what Describe answers, with dates as numbers, is what references see. */
export function toJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
