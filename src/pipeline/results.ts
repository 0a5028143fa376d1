import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { type Clients, isAwsError } from "#aws";
import { isRecord, type JsonObject, parseJson } from "#core";

/** What Prepare found: `report.json`, docs/contracts/steps.md. */
export interface Report extends JsonObject {
  readonly rows: number;
  readonly task: string;
  readonly features: number;
  readonly setAside: readonly { readonly column: string; readonly reason: string; readonly message: string }[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly column: string }[];
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
}

/** What Evaluate measured: the part `cauce` of `evaluation.json`. */
export interface Evaluation extends JsonObject {
  readonly task: string;
  readonly rows: number;
  readonly metric: string;
  readonly metrics: { readonly [name: string]: number };
  readonly gate: { readonly passed: number; readonly reason: string };
}

export async function readReport(aws: Clients, prepare: PipelineExecutionStep): Promise<Report | undefined> {
  return (await readOutput(aws, prepare, "features", "report.json")) as Report | undefined;
}

export async function readEvaluation(aws: Clients, evaluate: PipelineExecutionStep): Promise<Evaluation | undefined> {
  const value = await readOutput(aws, evaluate, "evaluation", "evaluation.json");
  return isRecord(value?.["cauce"]) ? (value["cauce"] as Evaluation) : undefined;
}

/** `example`: the fields of one real row, a request that works. */
export async function readFeatures(aws: Clients, prepare: PipelineExecutionStep): Promise<JsonObject | undefined> {
  return readOutput(aws, prepare, "features", "features.json");
}

/** What Extract wants to be known of the table's reading: first how it was read, where anything had to be guessed. */
export async function readNotes(aws: Clients, extract: PipelineExecutionStep | undefined): Promise<readonly string[]> {
  const uri = extract?.Metadata?.Lambda?.OutputParameters?.find(({ Name }) => Name === "ProfileUri")?.Value;
  const profile = uri === undefined ? undefined : await readJson(aws, uri);
  const texts = (value: unknown) =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
  const notes = texts(profile?.["notes"]);
  const shown = notes.slice(0, MOST_NOTES);
  if (notes.length > shown.length) shown.push(`And ${notes.length - shown.length} more notes, in ${uri}.`);
  return notes.length === 0 ? [] : [`Table read as: ${texts(profile?.["how"]).join(", ")}.`, ...shown];
}

/** As many as a screen has room for. */
const MOST_NOTES = 15;

/** A file of a Processing step's output, cached or not: the job's description says where it lies. */
async function readOutput(
  aws: Clients,
  step: PipelineExecutionStep,
  output: string,
  file: string,
): Promise<JsonObject | undefined> {
  const name = step.Metadata?.ProcessingJob?.Arn?.split("/").at(-1);
  if (name === undefined) return undefined;
  const job = await (await aws.sagemaker()).describeProcessingJob({ ProcessingJobName: name });
  const uri = job.ProcessingOutputConfig?.Outputs?.find((candidate) => candidate.OutputName === output)?.S3Output
    ?.S3Uri;
  return uri === undefined ? undefined : readJson(aws, `${uri.replace(/\/$/, "")}/${file}`);
}

export async function readJson(aws: Clients, uri: string): Promise<JsonObject | undefined> {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  try {
    const { Body } = await (await aws.s3()).getObject({ Bucket: match?.[1], Key: match?.[2] });
    const value = parseJson((await Body?.transformToString()) ?? "");
    return isRecord(value) ? (value as JsonObject) : undefined;
  } catch (error) {
    if (isAwsError(error, "NoSuchKey", "NotFound", "NoSuchBucket")) return undefined;
    throw error;
  }
}
