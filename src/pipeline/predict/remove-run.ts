import { type Clients, isAwsError } from "#aws";
import { removeStreams } from "../destroy-jobs.ts";
import type { Names } from "../names.ts";
import { removePrefix } from "../remove-prefix.ts";

/** What a prediction lays into the bucket is gone when it ends. */
export async function removeRun(aws: Clients, names: Names, run: string): Promise<void> {
  await removePrefix(aws, names.bucket, names.key("predictions", run, ""));
}

const DAY_MS = 86_400_000;

/** What was cut off with its process, a day ago or longer. A run's id begins with when it began: `20240131T134500-…`. */
export async function sweepRuns(aws: Clients, names: Names): Promise<void> {
  const Prefix = names.key("predictions", "");
  const { CommonPrefixes = [] } = await (
    await aws.s3()
  ).listObjectsV2({ Bucket: names.bucket, Prefix, Delimiter: "/" });
  const before = stampOf(new Date(Date.now() - DAY_MS));
  for (const { Prefix: found = "" } of CommonPrefixes) {
    const run = found.slice(Prefix.length, -1);
    if (run < before) await removeRun(aws, names, run);
  }
}

/** Stops a project's transform jobs and takes their logs away. AWS: a transform job itself stays listed; nothing deletes it. */
export async function removeTransforms(aws: Clients, names: Names): Promise<number> {
  const sagemaker = await aws.sagemaker();
  const ours = new RegExp(`^${jobPrefix(names.endpoint)}\\d{8}t\\d{6}-[0-9a-z]+$`);
  let [count, NextToken] = [0, undefined as string | undefined];
  do {
    const page = await sagemaker.listTransformJobs({
      NameContains: jobPrefix(names.endpoint),
      MaxResults: 100,
      ...(NextToken !== undefined && { NextToken }),
    });
    for (const { TransformJobName = "", TransformJobStatus: status } of page.TransformJobSummaries ?? []) {
      if (!ours.test(TransformJobName)) continue;
      if (status === "InProgress") await stop(aws, TransformJobName);
      count += await removeStreams(aws, "/aws/sagemaker/TransformJobs", `${TransformJobName}/`);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return count;
}

async function stop(aws: Clients, TransformJobName: string): Promise<void> {
  try {
    await (await aws.sagemaker()).stopTransformJob({ TransformJobName });
  } catch (error) {
    // It has ended meanwhile.
    if (!isAwsError(error, "ValidationException", "ResourceNotFound")) throw error;
  }
}

/** AWS: a job's name has 63 characters at most, of letters, digits and dashes. */
export function jobPrefix(project: string): string {
  return `${project.slice(0, 30).replace(/-+$/, "")}-predict-`;
}

export function stampOf(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase();
}
