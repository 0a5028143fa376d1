import { accountOf, type Clients, type Target, withClients } from "#aws";
import { listExecutions, listSteps } from "./execution.ts";
import { sentenceIn } from "./failure.ts";
import { namesOf } from "./names.ts";
import { findStack, isComplete, outputOf, projectStacks, reasonBefore } from "./stack.ts";
import { shownStep } from "./steps.ts";
import { urlOf } from "./up.ts";
import { listVersions, type Version } from "./versions.ts";
import { lookAtServing, type ServingNow, versionIn, wayFacts, wayOf } from "./serving-now.ts";
import type { Facts } from "./progress.ts";

export interface Status {
  readonly project: string;
  /** Undefined when there is none. */
  readonly stack:
    | { readonly status: string; readonly updated: Date | undefined; readonly reason: string | undefined }
    | undefined;
  readonly url: string | undefined;
  readonly endpoint:
    | { readonly status: string; readonly version: number | undefined; readonly failureReason: string | undefined }
    | undefined;
  /** What answers behind the URL: `asleep` and `waking` are of an endpoint that is removed while nobody asks. */
  readonly serving:
    | (Omit<Facts, "status" | "version"> & { readonly status: string; readonly version: number | undefined })
    | undefined;
  /** The newest first. */
  readonly executions: readonly {
    readonly arn: string;
    readonly status: string;
    readonly started: Date | undefined;
    readonly failureReason?: string;
  }[];
  /** The newest first. */
  readonly versions: readonly Version[];
}

/** What there is of a project. */
export async function status(target: Target, project: string): Promise<Status> {
  return withClients(target, async (aws) => {
    const names = namesOf(project, { account: await accountOf(target, aws), region: target.region });
    const [stack, now, executions, versions] = await Promise.all([
      findStack(aws, names.stack),
      lookAtServing(aws, names),
      listExecutions(aws, names.pipeline, 10),
      listVersions(aws, names.group),
    ]);
    const { endpoint } = now;
    const way = wayOf(outputOf(stack, "ServingWay"));
    const answering = answers(now);
    return {
      project,
      stack: stack && {
        status: stack.StackStatus ?? "",
        updated: stack.LastUpdatedTime ?? stack.CreationTime,
        reason: stack.StackStatusReason ?? (isComplete(stack) ? undefined : await reasonBefore(aws, names.stack)),
      },
      url: outputOf(stack, "ApiId") === undefined ? undefined : urlOf(target, stack),
      endpoint: endpoint && {
        status: endpoint.status,
        version: versionIn(endpoint.config),
        failureReason: endpoint.failureReason,
      },
      serving: answering && { ...(way && wayFacts(way, names)), ...answering },
      executions: await withReason(aws, executions),
      versions,
    };
  });
}

/** AWS says of an execution only that a step failed; the last one's own reason is what people look for. */
async function withReason(aws: Clients, executions: Status["executions"]): Promise<Status["executions"]> {
  const [last, ...before] = executions;
  if (last?.status !== "Failed") return executions;
  const failed = (await listSteps(aws, last.arn)).find(({ StepStatus }) => StepStatus === "Failed");
  if (failed?.FailureReason === undefined) return executions;
  const { StepName, FailureReason } = failed;
  return [{ ...last, failureReason: `${shownStep(StepName) ?? StepName}: ${sentenceIn(FailureReason)}` }, ...before];
}

function answers({
  endpoint,
  pointer,
  asleep,
}: ServingNow): Pick<NonNullable<Status["serving"]>, "status" | "version"> | undefined {
  if (endpoint !== undefined) {
    const waking = asleep !== undefined && endpoint.status === "Creating";
    return { status: waking ? "waking" : endpoint.status, version: versionIn(endpoint.config) };
  }
  if (asleep !== undefined) return { status: "asleep", version: versionIn(asleep) };
  return pointer?.by === "lambda" ? { status: "InService", version: versionIn(pointer.config) } : undefined;
}

/** The projects that have a stack here: for a command that was given no name. */
export async function listProjects(target: Target): Promise<readonly string[]> {
  return withClients(target, async (aws) => {
    return await projectStacks(aws);
  });
}
