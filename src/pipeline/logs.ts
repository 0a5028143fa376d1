import { accountOf, type Clients, isAwsError, type Target, withClients } from "#aws";
import { CauceError } from "#core";
import { listExecutions, listSteps } from "./execution.ts";
import { streamsOf } from "./job-log.ts";
import { type Names, namesOf } from "./names.ts";
import { lookAtServing } from "./serving-now.ts";
import { LOGGED, type Logged, logOfStep } from "./steps.ts";
import { jobPrefix } from "./predict/remove-run.ts";

export interface LogLine {
  readonly of: Logged;
  readonly at: Date;
  readonly text: string;
}

/** What a step, a function or the endpoint has said, the oldest first: of the newest run, and of functions what is still kept. */
export async function logs(
  target: Target,
  project: string,
  of: readonly Logged[] = LOGGED,
): Promise<readonly LogLine[]> {
  return withClients(target, async (aws) => {
    const names = namesOf(project, { account: await accountOf(target, aws), region: target.region });
    const found = await sources(aws, names, of);
    const lines = await Promise.all(found.map((source) => read(aws, source)));
    return lines.flat().sort((a, b) => a.at.getTime() - b.at.getTime());
  });
}

interface Source {
  readonly of: Logged;
  readonly group: string;
  readonly prefix?: string;
}

async function sources(aws: Clients, names: Names, of: readonly Logged[]): Promise<readonly Source[]> {
  const found: Source[] = [];
  for (const name of of) {
    if (name === "extract" || name === "predict" || name === "deploy" || name === "batch")
      found.push({ of: name, group: `/aws/lambda/${names.functions[name]}` });
    if (name === "batch")
      found.push({ of: name, group: "/aws/sagemaker/TransformJobs", prefix: jobPrefix(names.endpoint) });
    // Without an endpoint, the function behind the URL is where the model answers.
    if (name === "endpoint" && (await isInside(aws, names)))
      found.push({ of: "predict", group: `/aws/lambda/${names.functions.predict}` });
    // A model that does not start says why in the endpoint's log, so it belongs to the deployment.
    else if (name === "endpoint" || name === "deploy")
      found.push({ of: name, group: `/aws/sagemaker/Endpoints/${names.endpoint}` });
  }
  return unique([...found, ...(await jobSources(aws, names, { of, alone: found.length === 0 }))]);
}

async function isInside(aws: Clients, names: Names): Promise<boolean> {
  const { endpoint, pointer } = await lookAtServing(aws, names);
  return endpoint === undefined && pointer?.by === "lambda";
}

/** The jobs of the newest run. Nothing has run: that is an error when nothing else was asked for. */
async function jobSources(
  aws: Clients,
  names: Names,
  { of, alone }: { readonly of: readonly Logged[]; readonly alone: boolean },
): Promise<readonly Source[]> {
  const jobs = of.filter((name) => name === "inspect" || name === "prepare" || name === "train" || name === "evaluate");
  if (jobs.length === 0) return [];
  const [newest] = await listExecutions(aws, names.pipeline, 1);
  if (newest === undefined) {
    if (!alone) return [];
    throw new CauceError({
      code: "NothingRan",
      what: `There is no log of ${jobs.join(", ")}.`,
      why: "The pipeline has not run yet.",
      fix: "Run `cauce up`.",
    });
  }
  const found: Source[] = [];
  for (const step of await listSteps(aws, newest.arn)) {
    const job = jobs.find((name) => name === logOfStep(step.StepName));
    const at = job && (await streamsOf(aws, step));
    if (job && at) found.push({ of: job, ...at });
  }
  return found;
}

function unique(found: readonly Source[]): readonly Source[] {
  return found.filter(
    (source, i) => found.findIndex((other) => other.group === source.group && other.prefix === source.prefix) === i,
  );
}

async function read(aws: Clients, source: Source): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await (
        await aws.logs()
      ).filterLogEvents({
        logGroupName: source.group,
        ...(source.prefix !== undefined && { logStreamNamePrefix: source.prefix }),
        ...(nextToken !== undefined && { nextToken }),
      });
      for (const event of page.events ?? [])
        lines.push({ of: source.of, at: new Date(event.timestamp ?? 0), text: (event.message ?? "").trimEnd() });
      nextToken = page.nextToken;
    } while (nextToken !== undefined && lines.length < 10_000);
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
  }
  return lines;
}
