import type { Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import { type Clients, isAwsError, poll } from "#aws";
import { CauceError } from "#core";
import type { OnProgress, WatchOptions } from "./progress.ts";
import type { Bringable } from "./synth.ts";

export async function findStack(aws: Clients, StackName: string): Promise<Stack | undefined> {
  try {
    return (await (await aws.cloudformation()).describeStacks({ StackName })).Stacks?.[0];
  } catch (error) {
    // AWS: a stack that is not there is a ValidationError.
    if (isAwsError(error, "ValidationError") && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** The names of the stacks that are ours. */
export async function projectStacks(aws: Clients): Promise<readonly string[]> {
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await (await aws.cloudformation()).describeStacks({ ...(NextToken !== undefined && { NextToken }) });
    for (const stack of page.Stacks ?? [])
      if (stack.Tags?.some((tag) => tag.Key === "cauce:project")) found.push(stack.StackName ?? "");
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

export function outputOf(stack: Stack | undefined, key: string): string | undefined {
  return stack?.Outputs?.find((output) => output.OutputKey === key)?.OutputValue;
}

/** Whether the stack stands as it was last asked for. */
export function isComplete(stack: Stack): boolean {
  return stack.StackStatus === "CREATE_COMPLETE" || stack.StackStatus === "UPDATE_COMPLETE";
}

/** What a stack is made of. */
export interface Stackable extends Pick<Bringable, "template" | "fingerprint"> {
  readonly names: Pick<Bringable["names"], "stack" | "bucket" | "key" | "partition">;
  /** Of the stack; a project's when not given. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Creates or updates the stack, and waits. Answers it as it then is, and whether anything changed. */
export async function applyStack(
  aws: Clients,
  synth: Stackable,
  options: WatchOptions,
): Promise<{ readonly stack: Stack; readonly changed: boolean }> {
  const started = performance.now();
  const report: OnReport = (state, facts) =>
    options.onProgress?.({ step: "stack", state, facts, elapsed: (performance.now() - started) / 1000 });
  const StackName = synth.names.stack;
  const stack = await repaired(aws, StackName, options);
  if (stack && isComplete(stack) && outputOf(stack, "Fingerprint") === synth.fingerprint) {
    report("cached", {});
    return { stack, changed: false };
  }
  const since = Date.now() - 1000;
  const changed = await send(aws, synth, stack !== undefined);
  const total = Object.keys(synth.template.Resources).length;
  const after = await poll(
    () => findStack(aws, StackName),
    (found) => found === undefined || !isBusy(found),
    {
      signal: options.signal,
      onAnswer: async (found) => {
        const { StackResources = [] } =
          found && options.onProgress ? await (await aws.cloudformation()).describeStackResources({ StackName }) : {};
        const ready = StackResources.filter((resource) => resource.ResourceStatus?.endsWith("_COMPLETE")).length;
        report("running", { resources: ready, ofResources: total });
      },
    },
  );
  if (!after || !isComplete(after)) {
    report("failed", {});
    throw await stackFailed(aws, StackName, since);
  }
  report("done", { resources: total, ofResources: total });
  return { stack: after, changed };
}

type OnReport = (state: Parameters<OnProgress>[0]["state"], facts: Parameters<OnProgress>[0]["facts"]) => void;

/** AWS: a template in the request may have 51,200 bytes. */
const MAX_TEMPLATE = 51_200;

async function send(aws: Clients, synth: Stackable, exists: boolean): Promise<boolean> {
  const cloudformation = await aws.cloudformation();
  const text = JSON.stringify(synth.template);
  const input = {
    StackName: synth.names.stack,
    ...(await templateInput(aws, synth, text)),
    Capabilities: ["CAPABILITY_NAMED_IAM" as const],
  };
  const tags = synth.tags ?? { "cauce:project": synth.names.stack };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (!exists) {
    await cloudformation.createStack({ ...input, Tags });
    return true;
  }
  try {
    await cloudformation.updateStack({ ...input, Tags });
    return true;
  } catch (error) {
    if (isAwsError(error, "ValidationError") && /No updates are to be performed/.test(error.message)) return false;
    throw error;
  }
}

async function templateInput(
  aws: Clients,
  synth: Stackable,
  text: string,
): Promise<{ readonly TemplateBody: string } | { readonly TemplateURL: string }> {
  if (Buffer.byteLength(text) <= MAX_TEMPLATE) return { TemplateBody: text };
  const s3 = await aws.s3();
  const Key = synth.names.key("template", `${synth.fingerprint}.json`);
  await s3.putObject({ Bucket: synth.names.bucket, Key, Body: text, ContentType: "application/json" });
  const region = await s3.config.region();
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  // AWS: the address without a region leads elsewhere while a new bucket's name spreads.
  return { TemplateURL: `https://${synth.names.bucket}.s3.${region}.${suffix}/${Key}` };
}

/** Another `up` may be at work, or an earlier one was cut off. */
async function settled(aws: Clients, name: string, options: WatchOptions): Promise<Stack | undefined> {
  return poll(
    () => findStack(aws, name),
    (found) => found === undefined || !isBusy(found),
    { signal: options.signal },
  );
}

/** AWS: a change set that nobody carries out keeps its stack in review for ever. */
function isBusy({ StackStatus: status }: Stack): boolean {
  return status !== "REVIEW_IN_PROGRESS" && (status?.endsWith("_IN_PROGRESS") ?? false);
}

/** AWS: from these states a stack can only be deleted. User guide, "Stack status codes". */
const HOPELESS = ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"];

/** The stack as it can be worked on: removed when it never came up, brought back when an update could not be undone. */
async function repaired(aws: Clients, StackName: string, options: WatchOptions): Promise<Stack | undefined> {
  const stack = await settled(aws, StackName, options);
  if (HOPELESS.includes(stack?.StackStatus ?? "")) {
    await deleteStack(aws, StackName, options);
    return undefined;
  }
  if (stack?.StackStatus !== "UPDATE_ROLLBACK_FAILED") return stack;
  await (await aws.cloudformation()).continueUpdateRollback({ StackName });
  const after = await settled(aws, StackName, options);
  if (after?.StackStatus !== "UPDATE_ROLLBACK_FAILED") return after;
  throw new CauceError({
    code: "StackStuck",
    what: `The stack ${StackName} could neither be changed nor brought back.`,
    why: (await reasonBefore(aws, StackName)) ?? after.StackStatusReason ?? "CloudFormation gave no reason.",
    fix: "Correct what it names and run `cauce up` again; or `cauce destroy` and `cauce up`: the URL will be another one.",
  });
}

export async function deleteStack(aws: Clients, StackName: string, options: WatchOptions = {}): Promise<void> {
  const since = Date.now() - 1000;
  await (await aws.cloudformation()).deleteStack({ StackName });
  const left = await settled(aws, StackName, options);
  if (left !== undefined && left.StackStatus !== "DELETE_COMPLETE") throw await stackFailed(aws, StackName, since);
}

/** Why a stack went back. AWS: the status that it ends with has no reason; the event that began it has. */
export async function reasonBefore(aws: Clients, StackName: string): Promise<string | undefined> {
  const { StackEvents = [] } = await (await aws.cloudformation()).describeStackEvents({ StackName });
  const own = StackEvents.filter((event) => event.PhysicalResourceId === event.StackId);
  return own.find(
    (event) => event.ResourceStatusReason !== undefined && /ROLLBACK|FAILED/.test(event.ResourceStatus ?? ""),
  )?.ResourceStatusReason;
}

async function stackFailed(aws: Clients, StackName: string, since: number): Promise<CauceError> {
  const { StackEvents = [] } = await (
    await aws.cloudformation()
  )
    .describeStackEvents({ StackName })
    .catch(() => ({ StackEvents: [] as StackEvent[] }));
  const failed = StackEvents.filter(
    (event) =>
      event.ResourceStatus?.endsWith("_FAILED") &&
      (event.Timestamp?.getTime() ?? 0) >= since &&
      !/cancelled/i.test(event.ResourceStatusReason ?? ""),
  ).at(-1);
  return new CauceError({
    code: "StackFailed",
    what: `The stack ${StackName} could not be brought up.`,
    why: failed
      ? `${failed.LogicalResourceId} (${failed.ResourceType}): ${failed.ResourceStatusReason ?? "no reason was given"}`
      : "CloudFormation gave no reason.",
    fix: "Correct what it names and try again. What was there before is as it was.",
  });
}
