import { accountOf, type Clients, isAwsError, poll, type Target, withClients } from "#aws";
import { removeJobs } from "./destroy-jobs.ts";
import { findEndpoint } from "./endpoint.ts";
import { listExecutions } from "./execution.ts";
import { type Names, namesOf } from "./names.ts";
import type { WatchOptions } from "./progress.ts";
import { measurePrefix, removePrefix } from "./remove-prefix.ts";
import { removeTransforms } from "./predict/remove-run.ts";
import { scalingOf, stopScaling } from "./scaling.ts";
import { deleteStack, findStack } from "./stack.ts";
import { listVersions } from "./versions.ts";

export interface DestroyOptions {
  /** The tables that were uploaded stay; `onKept` is told where, and how much it is. */
  readonly keepsData?: boolean;
  readonly onKept?: (kept: Kept) => void;
  /** Told of each kind of thing as it goes. */
  readonly onRemoved?: (what: string, count: number) => void;
  readonly signal?: AbortSignal;
}

/** What a `destroy` leaves. */
export interface Kept {
  readonly uri: string;
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Removes what a project made, what its pipeline made first: endpoint, configurations, models, versions, objects, then the stack, then logs.
 * May be called again at any time; answers whether there was anything.
 */
export async function destroy(target: Target, project: string, options: DestroyOptions = {}): Promise<boolean> {
  return withClients(target, async (aws) => {
    const names = namesOf(project, { account: await accountOf(target, aws), region: target.region });
    let total = 0;
    const removed = (what: string, count: number) => {
      total += count;
      if (count > 0) options.onRemoved?.(what, count);
    };
    const executions = await stopExecutions(aws, names, options);
    removed("job", await removeJobs(aws, executions));
    removed("prediction", await removeTransforms(aws, names));
    if (scalingOf(await findStack(aws, names.stack))) removed("scaling", await stopScaling({ target, aws }, names));
    removed("endpoint", await removeEndpoint(aws, names, options));
    removed("endpoint configuration", await removeConfigs(aws, names));
    removed("model", await removeModels(aws, names));
    removed("version", await removeVersions(aws, names));
    const data = names.key("data", "");
    const keeps = (key: string) => options.keepsData === true && key.startsWith(data);
    removed("object", await removePrefix(aws, names.bucket, names.key(""), keeps));
    removed("stack", await removeStack(aws, names, options));
    removed("log", await removeLogs(aws, names));
    const kept = options.keepsData ? await measurePrefix(aws, names.bucket, data) : undefined;
    if (kept && kept.objects > 0) options.onKept?.({ uri: names.uri("data", ""), ...kept });
    await removeBucket(aws, names);
    return total > 0;
  });
}

/** Nothing may go on making things while they are removed. Answers the executions' ids, which the names of their jobs carry. */
async function stopExecutions(aws: Clients, { pipeline }: Names, options: WatchOptions): Promise<readonly string[]> {
  const sagemaker = await aws.sagemaker();
  const executions = await listExecutions(aws, pipeline, 100);
  for (const execution of executions.filter(({ status }) => status === "Executing")) {
    await sagemaker.stopPipelineExecution({ PipelineExecutionArn: execution.arn });
  }
  await poll(
    () => listExecutions(aws, pipeline, 100),
    (now) => now.every(({ status }) => status !== "Executing" && status !== "Stopping"),
    { signal: options.signal },
  );
  return executions.map(({ arn }) => arn.split("/").at(-1) ?? "");
}

async function removeEndpoint(aws: Clients, { endpoint }: Names, options: WatchOptions): Promise<number> {
  const busy = ["Creating", "Updating", "SystemUpdating", "RollingBack"];
  const idle = await poll(
    () => findEndpoint(aws, endpoint),
    (now) => now === undefined || !busy.includes(now.status),
    { signal: options.signal },
  );
  if (idle === undefined) return 0;
  if (idle.status !== "Deleting") await (await aws.sagemaker()).deleteEndpoint({ EndpointName: endpoint });
  await poll(
    () => findEndpoint(aws, endpoint),
    (now) => now === undefined,
    { signal: options.signal },
  );
  return 1;
}

/** `NameContains` finds more than ours: another project's name may contain this one's. */
function isOurs(names: Names, name: string | undefined): name is string {
  return name !== undefined && new RegExp(`^${names.endpoint}-\\d+-[0-9a-f]{8}$`).test(name);
}

async function removeConfigs(aws: Clients, names: Names): Promise<number> {
  const sagemaker = await aws.sagemaker();
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sagemaker.listEndpointConfigs({
      NameContains: `${names.endpoint}-`,
      MaxResults: 100,
      ...(NextToken !== undefined && { NextToken }),
    });
    found.push(
      ...(page.EndpointConfigs ?? []).map((config) => config.EndpointConfigName).filter((name) => isOurs(names, name)),
    );
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  for (const EndpointConfigName of found) await sagemaker.deleteEndpointConfig({ EndpointConfigName });
  return found.length;
}

async function removeModels(aws: Clients, names: Names): Promise<number> {
  const sagemaker = await aws.sagemaker();
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sagemaker.listModels({
      NameContains: `${names.endpoint}-`,
      MaxResults: 100,
      ...(NextToken !== undefined && { NextToken }),
    });
    found.push(...(page.Models ?? []).map((model) => model.ModelName).filter((name) => isOurs(names, name)));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  for (const ModelName of found) await sagemaker.deleteModel({ ModelName });
  return found.length;
}

async function removeVersions(aws: Clients, names: Names): Promise<number> {
  const sagemaker = await aws.sagemaker();
  const versions = await listVersions(aws, names.group);
  for (const { arn } of versions) await sagemaker.deleteModelPackage({ ModelPackageName: arn });
  return versions.length;
}

/** It goes with the last project. One that comes up at this moment makes it again: nothing is removed that another has put into it. */
async function removeBucket(aws: Clients, { bucket: Bucket }: Names): Promise<void> {
  try {
    await (await aws.s3()).deleteBucket({ Bucket });
  } catch (error) {
    if (!isAwsError(error, "BucketNotEmpty", "NoSuchBucket", "NotFound")) throw error;
  }
}

async function removeStack(aws: Clients, { stack }: Names, options: WatchOptions): Promise<number> {
  if ((await findStack(aws, stack)) === undefined) return 0;
  await deleteStack(aws, stack, options);
  return 1;
}

/** The functions' groups (a late line brings one back) and the endpoint's. */
async function removeLogs(aws: Clients, names: Names): Promise<number> {
  const logs = await aws.logs();
  const groups = [
    ...Object.values(names.functions).map((name) => `/aws/lambda/${name}`),
    `/aws/sagemaker/Endpoints/${names.endpoint}`,
  ];
  let count = 0;
  for (const logGroupName of groups) count += await gone(logs.deleteLogGroup({ logGroupName }));
  return count;
}

async function gone(removal: Promise<unknown>): Promise<0 | 1> {
  try {
    await removal;
    return 1;
  } catch (error) {
    if (isAwsError(error, "ResourceNotFoundException")) return 0;
    throw error;
  }
}
