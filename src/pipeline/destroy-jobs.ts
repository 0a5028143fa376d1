import { type Clients, isAwsError } from "#aws";

const KINDS = [
  { group: "/aws/sagemaker/TrainingJobs", list: listTraining, remove: removeTraining },
  { group: "/aws/sagemaker/ProcessingJobs", list: listProcessing, remove: removeProcessing },
];

/** Removes the jobs of these executions with their logs. AWS: a pipeline's jobs are called pipelines-<execution>-<step>-<random>. */
export async function removeJobs(aws: Clients, executions: readonly string[]): Promise<number> {
  if (executions.length === 0) return 0;
  let count = 0;
  for (const { group, list, remove } of KINDS) {
    const ours = (await list(aws)).filter((name) =>
      executions.includes(/^pipelines-([a-z0-9]+)-/.exec(name)?.[1] ?? ""),
    );
    for (const name of ours) {
      await remove(aws, name);
      await removeStreams(aws, group, `${name}/`);
    }
    count += ours.length;
    if (ours.length > 0) await removeIfEmpty(aws, group);
  }
  return count;
}

async function listTraining(aws: Clients): Promise<readonly string[]> {
  const sagemaker = await aws.sagemaker();
  return pages(async (NextToken) => {
    const page = await sagemaker.listTrainingJobs({
      NameContains: "pipelines-",
      MaxResults: 100,
      ...(NextToken !== undefined && { NextToken }),
    });
    return { names: page.TrainingJobSummaries?.map((job) => job.TrainingJobName), next: page.NextToken };
  });
}

async function listProcessing(aws: Clients): Promise<readonly string[]> {
  const sagemaker = await aws.sagemaker();
  return pages(async (NextToken) => {
    const page = await sagemaker.listProcessingJobs({
      NameContains: "pipelines-",
      MaxResults: 100,
      ...(NextToken !== undefined && { NextToken }),
    });
    return { names: page.ProcessingJobSummaries?.map((job) => job.ProcessingJobName), next: page.NextToken };
  });
}

async function pages(
  ask: (
    token: string | undefined,
  ) => Promise<{ readonly names: readonly (string | undefined)[] | undefined; readonly next: string | undefined }>,
): Promise<readonly string[]> {
  const all: string[] = [];
  let token: string | undefined;
  do {
    const { names = [], next } = await ask(token);
    for (const name of names) if (name !== undefined) all.push(name);
    token = next;
  } while (token !== undefined);
  return all;
}

async function removeTraining(aws: Clients, TrainingJobName: string): Promise<void> {
  await unlessMissing((await aws.sagemaker()).deleteTrainingJob({ TrainingJobName }));
}

async function removeProcessing(aws: Clients, ProcessingJobName: string): Promise<void> {
  await unlessMissing((await aws.sagemaker()).deleteProcessingJob({ ProcessingJobName }));
}

/** Answers how many there were. */
export async function removeStreams(aws: Clients, logGroupName: string, logStreamNamePrefix: string): Promise<number> {
  const logs = await aws.logs();
  const { logStreams = [] } = await logs.describeLogStreams({ logGroupName, logStreamNamePrefix }).catch(nothingThere);
  for (const { logStreamName } of logStreams)
    await unlessMissing(logs.deleteLogStream({ logGroupName, logStreamName }));
  return logStreams.length;
}

/** All jobs of an account share the group: it goes with the last of them. */
async function removeIfEmpty(aws: Clients, logGroupName: string): Promise<void> {
  const logs = await aws.logs();
  const { logStreams } = await logs.describeLogStreams({ logGroupName, limit: 1 }).catch(nothingThere);
  if (logStreams?.length === 0) await unlessMissing(logs.deleteLogGroup({ logGroupName }));
}

function nothingThere(error: unknown): { readonly logStreams?: readonly { readonly logStreamName?: string }[] } {
  if (isAwsError(error, "ResourceNotFoundException")) return {};
  throw error;
}

async function unlessMissing(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFound", "ResourceNotFoundException", "ValidationException")) throw error;
  }
}
