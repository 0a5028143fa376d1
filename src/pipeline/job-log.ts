import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { type Clients, isAwsError } from "#aws";
import type { Facts } from "./progress.ts";

const ROUND = /^\[(\d+)\] validation-([a-z0-9_]+):(\S+) rounds:(\d+)$/;
const TRAINED = /^trained (\d+) rounds, validation-([a-z0-9_]+):(\S+)$/;

/** What a running job's log says of how far it is: docs/contracts/steps.md has the lines. */
export function jobLog(aws: Clients): (step: PipelineExecutionStep) => Promise<Facts> {
  const seen = new Map<string, { token: string | undefined; facts: Facts }>();
  return async (step) => {
    const at = groupOf(step);
    if (!at) return {};
    const before = seen.get(at.job) ?? { token: undefined, facts: {} };
    const { lines, token } = await linesOf(aws, at, before.token);
    const facts = lines.reduce(factsFrom, before.facts);
    seen.set(at.job, { token, facts });
    return facts;
  };
}

function factsFrom(before: Facts, line: string): Facts {
  const round = ROUND.exec(line);
  if (round)
    return { rounds: Number(round[1]), ofRounds: Number(round[4]), metric: round[2] ?? "", score: Number(round[3]) };
  const trained = TRAINED.exec(line);
  if (trained) return { rounds: Number(trained[1]), metric: trained[2] ?? "", score: Number(trained[3]) };
  return line.trim() === "" ? before : { ...before, message: line.slice(0, 200) };
}

interface Where {
  readonly group: string;
  readonly job: string;
}

export function groupOf(step: PipelineExecutionStep): Where | undefined {
  const training = step.Metadata?.TrainingJob?.Arn?.split("/").at(-1);
  if (training) return { group: "/aws/sagemaker/TrainingJobs", job: training };
  const processing = step.Metadata?.ProcessingJob?.Arn?.split("/").at(-1);
  return processing ? { group: "/aws/sagemaker/ProcessingJobs", job: processing } : undefined;
}

async function linesOf(
  aws: Clients,
  at: Where,
  token: string | undefined,
): Promise<{ readonly lines: readonly string[]; readonly token: string | undefined }> {
  const logs = await aws.logs();
  try {
    const { logStreams = [] } = await logs.describeLogStreams({
      logGroupName: at.group,
      logStreamNamePrefix: `${at.job}/`,
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
