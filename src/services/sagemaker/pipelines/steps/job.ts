import { setTimeout as sleep } from "node:timers/promises";
import { AwsFault } from "#protocol";
import type { StepDeclaration } from "../definition.ts";
import { StepFailed, StepStopped, type StepSurroundings } from "./step.ts";

/** A job as pipelines see all of them: made, looked at until it ends, stopped. */
export interface Job<Description> {
  readonly create: () => Promise<unknown>;
  readonly describe: () => Promise<Description>;
  readonly stop: () => Promise<unknown>;
  readonly statusOf: (description: Description) => {
    readonly status: string | undefined;
    readonly reason: string | undefined;
  };
}

const FIRST_LOOK = 20;
const LONGEST_PAUSE = 200;

/** Runs a job to its end and gives its last description. */
export async function runJob<Description>(job: Job<Description>, { signal }: StepSurroundings): Promise<Description> {
  await job.create();
  let stopAsked = false;
  for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 1.3, LONGEST_PAUSE)) {
    const description = await job.describe();
    const { status, reason } = job.statusOf(description);
    if (status === "Completed") return description;
    if (status === "Stopped") throw new StepStopped(reason);
    if (status === "Failed") throw failed(reason);
    if (signal.aborted && !stopAsked) {
      stopAsked = true;
      await job.stop().catch(ignoreEnded);
    }
    await sleep(pause);
  }
}

/**
 * `pipelines-<execution id>-<step>-<random>`. AWS: the form of the names that pipelines give; 63 characters at most.
 * In lower case, so that the name and its ARN, which is in lower case, lead to each other.
 */
export function jobName(step: StepDeclaration, { execution, ctx }: StepSurroundings): string {
  const random = ctx.kernel.ids.token(10);
  const room = 63 - "pipelines---".length - execution.id.length - random.length;
  const name = step.name.toLowerCase().replaceAll("_", "-").slice(0, room).replace(/-+$/, "");
  return `pipelines-${execution.id}-${name}-${random}`;
}

/** AWS: the tags that pipelines put on their jobs. */
export function jobTags(step: StepDeclaration, { execution }: StepSurroundings) {
  return [
    { Key: "sagemaker:pipeline-execution-arn", Value: execution.arn },
    { Key: "sagemaker:pipeline-step-name", Value: step.name },
  ];
}

function failed(reason = "The job failed and gave no reason."): StepFailed {
  // AWS: a pipeline step repeats the job's reason behind "ClientError: Failed to invoke sagemaker:Create…" only when the call failed.
  if (reason.startsWith("InternalServerError")) return new StepFailed(reason, { kind: "SageMaker.JOB_INTERNAL_ERROR" });
  if (reason.startsWith("CapacityError")) return new StepFailed(reason, { kind: "SageMaker.CAPACITY_ERROR" });
  return new StepFailed(reason);
}

/** The job may have ended between the look and the wish to stop it. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof AwsFault)) throw error;
}
