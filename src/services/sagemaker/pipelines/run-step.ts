import { isRecord, type JsonObject } from "#core";
import { reasonOf, setStep } from "./announce.ts";
import { cacheOf } from "./cache.ts";
import { argumentsOf, type Definition, type StepDeclaration } from "./definition.ts";
import { resolve } from "./references.ts";
import { withRetries } from "./retry.ts";
import { type ExecutionRow, type PipelinesContext, putStep, type StepRow, stepsOf } from "./state.ts";
import { runners } from "./steps/index.ts";
import { StepFailed, type StepResult, StepStopped } from "./steps/step.ts";
import { surroundingsOf } from "./surroundings.ts";
import { AwsFault } from "#protocol";

export interface StepTask {
  readonly ctx: PipelinesContext;
  readonly execution: ExecutionRow;
  readonly definition: Definition;
  readonly step: StepDeclaration;
  readonly signal: AbortSignal;
}

/** One step from its start to its end, written down all the way. Only our own bugs are thrown. */
export async function runStep(task: StepTask): Promise<StepRow> {
  const { ctx, execution, step, signal } = task;
  const row = begin(task);
  await setStep(ctx, execution, row);
  try {
    const result = await withRetries(step, signal, (attempt) => {
      row.attempts = attempt;
      return attemptStep(task, row);
    });
    Object.assign(row, result, { status: "Succeeded" });
  } catch (error) {
    const expected = error instanceof StepFailed || error instanceof AwsFault;
    row.status = error instanceof StepStopped || signal.aborted ? "Stopped" : "Failed";
    if (row.status === "Failed")
      row.failureReason = expected ? reasonOf(error) : `InternalServerError: ${reasonOf(error)}`;
    if (row.status === "Failed" && !expected) throw error;
  } finally {
    row.ended = ctx.now().toISOString();
    await setStep(ctx, execution, row);
  }
  return row;
}

function begin({ ctx, execution, step }: StepTask): StepRow {
  const { DisplayName: displayName, Description: description } = step.source;
  return {
    name: step.name,
    type: step.type,
    order: stepsOf(ctx, execution.arn).length,
    ...(typeof displayName === "string" && { displayName }),
    ...(typeof description === "string" && { description }),
    started: ctx.now().toISOString(),
    status: "Executing",
    attempts: 1,
    metadata: {},
    properties: null,
  };
}

async function attemptStep(task: StepTask, row: StepRow): Promise<StepResult> {
  const { ctx, execution, definition, step, signal } = task;
  const around = surroundingsOf(ctx, execution, definition);
  // The arguments of these two hold whole steps or a message: they carry out their own references.
  const own = step.type === "Condition" || step.type === "Fail";
  const resolved = own ? {} : await resolve(argumentsOf(step), around);
  const args: JsonObject = isRecord(resolved) ? (resolved as JsonObject) : {};
  const cache = cacheOf(ctx, execution, step, args);
  const hit = cache?.find();
  if (hit) {
    row.cachedFrom = hit.executionArn;
    return { metadata: hit.metadata, properties: hit.properties };
  }
  const result = await runners[step.type].run(step, {
    ctx,
    execution,
    around,
    args,
    signal,
    progress(metadata) {
      row.metadata = metadata;
      putStep(ctx, execution.arn, row);
    },
  });
  cache?.keep(result);
  return result;
}
