import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { type Clients, isAwsError } from "#aws";
import { sentenceIn } from "./failure.ts";
import type { Facts } from "./progress.ts";

const ROUND = /^\[(\d+)\] validation-([a-z0-9_]+):(\S+) rounds:(\d+)$/;
const TRAINED = /^trained (\d+) rounds, validation-([a-z0-9_]+):(\S+)$/;

/** What a running job's log says of how far it is: docs/contracts/steps.md has the lines. */
export function jobLog(aws: Clients): (step: PipelineExecutionStep) => Promise<Facts> {
  const seen = new Map<string, { readonly streams: JobStreams | undefined; token: string | undefined; facts: Facts }>();
  return async (step) => {
    const job = step.Metadata?.TrainingJob?.Arn ?? step.Metadata?.ProcessingJob?.Arn;
    if (job === undefined) return {};
    const known = seen.get(job) ?? { streams: await streamsOf(aws, step), token: undefined, facts: {} };
    seen.set(job, known);
    if (known.streams === undefined) return {};
    const { lines, token } = await linesOf(aws, known.streams, known.token);
    known.facts = lines.reduce(factsFrom, known.facts);
    known.token = token;
    return known.facts;
  };
}

function factsFrom(before: Facts, line: string): Facts {
  const round = ROUND.exec(line);
  if (round)
    return { rounds: Number(round[1]), ofRounds: Number(round[4]), metric: round[2] ?? "", score: Number(round[3]) };
  const trained = TRAINED.exec(line);
  if (trained) return { rounds: Number(trained[1]), metric: trained[2] ?? "", score: Number(trained[3]) };
  return line.trim() === "" ? before : { ...before, message: sentenceIn(line).slice(0, 200) };
}

export interface JobStreams {
  readonly group: string;
  /** The streams of a job begin with its name. */
  readonly prefix: string;
}

/** Where a step's job writes its log. AWS: ARNs are in lower case, streams are not, so the job must be asked for its name. */
export async function streamsOf(aws: Clients, step: PipelineExecutionStep): Promise<JobStreams | undefined> {
  const sagemaker = await aws.sagemaker();
  const training = nameIn(step.Metadata?.TrainingJob?.Arn);
  if (training !== undefined) {
    const { TrainingJobName } = await sagemaker.describeTrainingJob({ TrainingJobName: training });
    return { group: "/aws/sagemaker/TrainingJobs", prefix: `${TrainingJobName}/` };
  }
  const processing = nameIn(step.Metadata?.ProcessingJob?.Arn);
  if (processing === undefined) return undefined;
  const { ProcessingJobName } = await sagemaker.describeProcessingJob({ ProcessingJobName: processing });
  return { group: "/aws/sagemaker/ProcessingJobs", prefix: `${ProcessingJobName}/` };
}

function nameIn(arn: string | undefined): string | undefined {
  return arn?.split("/").at(-1);
}

async function linesOf(
  aws: Clients,
  at: JobStreams,
  token: string | undefined,
): Promise<{ readonly lines: readonly string[]; readonly token: string | undefined }> {
  const logs = await aws.logs();
  try {
    const { logStreams = [] } = await logs.describeLogStreams({
      logGroupName: at.group,
      logStreamNamePrefix: at.prefix,
      limit: 1,
    });
    const logStreamName = logStreams[0]?.logStreamName;
    if (logStreamName === undefined) return { lines: [], token };
    const { events = [], nextForwardToken } = await logs.getLogEvents({
      logGroupName: at.group,
      logStreamName,
      startFromHead: true,
      ...(token !== undefined && { nextToken: token }),
    });
    return { lines: events.map((event) => event.message ?? ""), token: nextForwardToken };
  } catch (error) {
    // A job has no log until it says something.
    if (isAwsError(error, "ResourceNotFoundException")) return { lines: [], token };
    throw error;
  }
}
