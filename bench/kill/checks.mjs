// What must hold after every kill. Each answers the sentences of what does not.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { below, belongingTo, processes } from "./system.mjs";

/** Until there is nothing left to say, or the time is over. */
export async function holds(seconds, look) {
  const late = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found.length === 0 || Date.now() > late) return found;
    await sleep(100);
  }
}

/** Everything with a state must come to an end, and what failed must say why. */
export async function settled({ sagemaker, cloudformation, lambda }) {
  const { StackSummaries = [] } = await cloudformation.listStacks({});
  const { PipelineSummaries = [] } = await sagemaker.listPipelines({});
  const executions = [];
  for (const { PipelineName } of PipelineSummaries)
    executions.push(...((await sagemaker.listPipelineExecutions({ PipelineName })).PipelineExecutionSummaries ?? []));
  const { TrainingJobSummaries = [] } = await sagemaker.listTrainingJobs({ MaxResults: 100 });
  const { ProcessingJobSummaries = [] } = await sagemaker.listProcessingJobs({ MaxResults: 100 });
  const { TransformJobSummaries = [] } = await sagemaker.listTransformJobs({ MaxResults: 100 });
  const { Endpoints = [] } = await sagemaker.listEndpoints({});
  const { Functions = [] } = await lambda.listFunctions({});
  const states = [
    ...StackSummaries.map((one) => [`stack ${one.StackName}`, one.StackStatus, one.StackStatusReason]),
    ...executions.map((one) => ["execution", one.PipelineExecutionStatus, one.PipelineExecutionFailureReason]),
    ...TrainingJobSummaries.map((one) => [`training job ${one.TrainingJobName}`, one.TrainingJobStatus]),
    ...ProcessingJobSummaries.map((one) => [
      `job ${one.ProcessingJobName}`,
      one.ProcessingJobStatus,
      one.FailureReason,
    ]),
    ...TransformJobSummaries.map((one) => [`job ${one.TransformJobName}`, one.TransformJobStatus, one.FailureReason]),
    ...Endpoints.map((one) => [`endpoint ${one.EndpointName}`, one.EndpointStatus]),
    ...Functions.map((one) => [`function ${one.FunctionName}`, one.State ?? "Active"]),
  ];
  const goesOn =
    /_IN_PROGRESS$|^(InProgress|Executing|Stopping|Creating|Updating|Deleting|RollingBack|SystemUpdating|Pending)$/;
  const reasonless = states.filter(
    ([what, state, reason]) => state === "Failed" && /^(execution|job)/.test(what) && !reason,
  );
  return [
    ...states.filter(([, state]) => goesOn.test(state)).map(([what, state]) => `${what} stays ${state}`),
    ...reasonless.map(([what]) => `${what} failed without a reason`),
  ];
}

/** No bytes without a row, no row without its bytes (the small ones in the database, the others in files), nothing half, no folder of a job that is over. */
export function disk(home) {
  const rows = readRows(home);
  const text = rows.map(({ doc }) => doc).join("\n");
  const blobs = filesBelow(join(home, "blobs"));
  const small = readSmall(home);
  const known = new Set([...small, ...blobs.map((path) => path.split("/").at(-1))]);
  const named = rows
    .filter(({ tbl }) => ["s3.objects", "s3.versions", "s3.parts"].includes(tbl))
    .flatMap(({ doc }) => [...doc.matchAll(/"blob":"([^"]+)"/g)].map(([, id]) => id));
  return [
    ...blobs.filter((path) => path.includes("/incoming/")).map((path) => `half a file: ${path}`),
    ...blobs
      .filter((path) => !path.includes("/incoming/") && !text.includes(path.split("/").at(-1)))
      .map((path) => `a file without a row: ${path.slice(home.length)}`),
    ...small.filter((id) => !text.includes(id)).map((id) => `bytes without a row: ${id}`),
    ...named.filter((id) => !known.has(id)).map((id) => `a row without its file: ${id}`),
    ...names(join(home, "jobs")).map((name) => `a folder of a job that is over: ${name}`),
    ...names(join(home, "lambda/code"))
      .filter((name) => !text.includes(name))
      .map((name) => `code without a function: ${name}`),
    ...names(join(home, "hosting"))
      .filter((name) => !text.includes(name) && !isLive(rows))
      .map((name) => `hosting of nothing: ${name}`),
    ...readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(home))
      .map((line) => `a mount: ${line}`),
  ];
}

const isLive = (rows) => rows.some(({ tbl }) => tbl === "sagemaker.endpoints");

/** Nobody of this home but the server and what is below it. */
export function strangers(home, server) {
  const all = processes();
  const ours = new Set([process.pid, server, ...below(server, all).map(({ pid }) => pid)]);
  // A guard waits for its pipe to close, apart from the server: it has nothing of the home in its words.
  return belongingTo(home, ours, all).map(
    ({ pid, command }) => `a stray process: ${pid} ${command.replaceAll(/\s+/g, " ").slice(0, 120)}`,
  );
}

function readRows(home) {
  return query(home, "SELECT tbl, key, doc FROM rows");
}

/** The ids of the objects that lie in the database. */
function readSmall(home) {
  return query(home, "SELECT key FROM bytes WHERE tbl = 's3.smallBytes'").map(({ key }) => key);
}

function query(home, sql) {
  const state = new DatabaseSync(join(home, "state.db"), { readOnly: true });
  try {
    return state.prepare(sql).all();
  } finally {
    state.close();
  }
}

/** What is left of a project in the tables, when there was only this one: `keep` names what stays. */
export function leftRows(home, keep) {
  return readRows(home)
    .filter(({ tbl, key, doc }) => !keep.test(`${tbl} ${key} ${doc}`))
    .map(({ tbl, key }) => `left in the state: ${tbl} ${key}`);
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function names(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}
