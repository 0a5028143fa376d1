import { type AssumedRole, servicePrincipal } from "#kernel";
import { AwsFault } from "#protocol";
import { SAGEMAKER } from "../events.ts";
import { validation } from "../faults.ts";
import { runningJobs, type StopCause } from "./running.ts";
import type { JobContext } from "./state.ts";

/** The role that a job works as: the caller must be allowed to pass it, and it must trust SageMaker. */
export async function takeRole(ctx: JobContext, roleArn: string, sessionName: string): Promise<AssumedRole> {
  await ctx.authorize({ action: "iam:PassRole", resource: roleArn, conditions: { "iam:PassedToService": SAGEMAKER } });
  try {
    return await ctx.assume(roleArn, { service: SAGEMAKER, sessionName });
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    // AWS: this sentence, sagemaker-python-sdk issue 1100 among others.
    throw validation(
      `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal '${SAGEMAKER}' to assume the role.`,
    );
  }
}

/** Runs a job after its request was answered; `run` must end its row in every case. */
export function launch<Ctx extends JobContext>(
  ctx: Ctx,
  arn: string,
  run: (ctx: Ctx, stop: AbortController) => Promise<void>,
): void {
  const { kernel } = ctx;
  const running = kernel.live(runningJobs);
  const stop = new AbortController();
  running.set(arn, stop);
  const own = kernel.context("sagemaker", servicePrincipal(SAGEMAKER, ctx.account, arn), ctx.region) as unknown as Ctx;
  kernel.tasks.run(`sagemaker ${arn}`, async (signal) => {
    const shutdown = () => stop.abort("shutdown" satisfies StopCause);
    signal.addEventListener("abort", shutdown, { once: true });
    try {
      await run(own, stop);
    } finally {
      signal.removeEventListener("abort", shutdown);
      running.delete(arn);
    }
  });
}
