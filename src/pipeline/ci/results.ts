import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { accountOf, type Clients, type Target, withClients } from "#aws";
import { listExecutions, listSteps } from "../execution.ts";
import { namesOf } from "../names.ts";

/** Brings what the last run evaluated into a folder: evaluation, plots, the report on the table. Gives the files' names. */
export async function fetchResults(target: Target, project: string, folder: string): Promise<string[]> {
  return withClients(target, async (aws) => {
    const names = namesOf(project, { account: await accountOf(target, aws), region: target.region });
    const [last] = await listExecutions(aws, names.pipeline, 1);
    if (!last) return [];
    const steps = await listSteps(aws, last.arn);
    const files: string[] = [];
    for (const [name, output] of OUTPUTS) {
      const step = steps.find(({ StepName }) => StepName === name);
      if (step) files.push(...(await fetchOutput(aws, step, { output, folder: join(folder, output) })));
    }
    return files;
  });
}

const OUTPUTS = [
  ["Prepare", "features"],
  ["Evaluate", "evaluation"],
] as const;
/** What is for people and small: no tables, no models. */
const SHOWN = /\.(json|svg)$/;

async function fetchOutput(
  aws: Clients,
  step: PipelineExecutionStep,
  { output, folder }: { readonly output: string; readonly folder: string },
): Promise<string[]> {
  const place = await placeOf(aws, step, output);
  if (!place) return [];
  const s3 = await aws.s3();
  const { Contents = [] } = await s3.listObjectsV2(place);
  const keys = Contents.flatMap(({ Key }) => (Key !== undefined && SHOWN.test(Key) ? [Key] : []));
  await mkdir(folder, { recursive: true });
  for (const Key of keys) {
    const { Body } = await s3.getObject({ Bucket: place.Bucket, Key });
    await writeFile(join(folder, basename(Key)), (await Body?.transformToByteArray()) ?? "");
  }
  return keys.map((key) => join(folder, basename(key)));
}

/** A step that was taken from the cache has the job that ran: its description says where the output lies. */
async function placeOf(
  aws: Clients,
  step: PipelineExecutionStep,
  output: string,
): Promise<{ Bucket: string; Prefix: string } | undefined> {
  const name = step.Metadata?.ProcessingJob?.Arn?.split("/").at(-1);
  if (name === undefined) return undefined;
  const job = await (await aws.sagemaker()).describeProcessingJob({ ProcessingJobName: name });
  const uri = job.ProcessingOutputConfig?.Outputs?.find(({ OutputName }) => OutputName === output)?.S3Output?.S3Uri;
  const [, Bucket, path] = /^s3:\/\/([^/]+)\/(.+?)\/?$/.exec(uri ?? "") ?? [];
  return Bucket === undefined || path === undefined ? undefined : { Bucket, Prefix: `${path}/` };
}
