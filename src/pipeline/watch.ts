import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { type Clients, isAwsError, poll } from "#aws";
import type { Facts, WatchOptions } from "./progress.ts";
import { sentenceIn, stepFailure } from "./failure.ts";
import { jobLog } from "./job-log.ts";
import { readEvaluation, readReport } from "./results.ts";
import { listSteps } from "./execution.ts";
import { shownStep } from "./steps.ts";

/** Follows an execution to its end, telling each step's facts as they come to be known. Throws when it failed. */
export async function watchExecution(
  aws: Clients,
  arn: string,
  options: WatchOptions,
): Promise<readonly PipelineExecutionStep[]> {
  const told = new Map<string, string>();
  const log = jobLog(aws);
  let verdict: string | undefined;
  const sagemaker = await aws.sagemaker();
  const tell = async (step: PipelineExecutionStep): Promise<void> => {
    const name = shownStep(step.StepName);
    if (name === undefined || told.get(name) === "ended" || !options.onProgress) return;
    const state = stateOf(step);
    const ended = state !== "running";
    const found = ended ? await finalFacts(aws, step) : await log(step);
    // The evaluation has the gate's reason; the gate is where people look for it.
    if (name === "evaluate") verdict = found.message;
    const program = options.programs?.[name];
    const facts = {
      ...found,
      ...(program !== undefined && { program }),
      ...(name === "gate" && verdict !== undefined && { message: verdict }),
    };
    const elapsed = ((step.EndTime ?? new Date()).getTime() - (step.StartTime ?? new Date()).getTime()) / 1000;
    options.onProgress({ step: name, state, facts, elapsed: Math.max(0, elapsed) });
    if (ended) told.set(name, "ended");
  };
  const ask = async () => {
    // In this order: when the execution has ended, the steps that are then read are its last word.
    const { PipelineExecutionStatus: status, FailureReason: reason } = await sagemaker.describePipelineExecution({
      PipelineExecutionArn: arn,
    });
    return { status, reason, steps: await listSteps(aws, arn) };
  };
  const last = await poll(ask, ({ status }) => status !== "Executing" && status !== "Stopping", {
    signal: options.signal,
    onAnswer: async ({ steps }) => {
      for (const step of steps) await tell(step);
    },
  });
  if (last.status !== "Succeeded") throw await stepFailure(aws, last);
  return last.steps;
}

function stateOf(step: PipelineExecutionStep): "running" | "done" | "cached" | "failed" {
  if (step.StepStatus === "Failed" || step.StepStatus === "Stopped") return "failed";
  if (step.StepStatus !== "Succeeded") return "running";
  // A condition that does not hold has worked as a step; as a gate it has refused.
  if (step.StepName === "Gate" && step.Metadata?.Condition?.Outcome === "False") return "failed";
  return step.CacheHitResult?.SourcePipelineExecutionArn ? "cached" : "done";
}

async function finalFacts(aws: Clients, step: PipelineExecutionStep): Promise<Facts> {
  if (step.FailureReason) return { message: sentenceIn(step.FailureReason) };
  switch (shownStep(step.StepName)) {
    case "extract":
      return extractFacts(step);
    case "inspect":
      return inspectFacts(aws, step);
    case "prepare":
      return prepareFacts(aws, step);
    case "train":
      return trainFacts(aws, step);
    case "evaluate":
      return evaluateFacts(aws, step);
    case "gate":
      return { passed: step.Metadata?.Condition?.Outcome === "True" };
    case "register":
      return registerFacts(aws, step);
    default:
      return {};
  }
}

function extractFacts(step: PipelineExecutionStep): Facts {
  const outputs = Object.fromEntries(
    (step.Metadata?.Lambda?.OutputParameters ?? []).map(({ Name, Value }) => [Name, Value]),
  );
  return {
    ...(outputs["Rows"] && { rows: Number(outputs["Rows"]) }),
    ...(outputs["Columns"] && { columns: Number(outputs["Columns"]) }),
  };
}

async function inspectFacts(aws: Clients, step: PipelineExecutionStep): Promise<Facts> {
  const report = await readReport(aws, step);
  return report ? { features: report.features } : {};
}

async function prepareFacts(aws: Clients, step: PipelineExecutionStep): Promise<Facts> {
  const report = await readReport(aws, step);
  if (!report) return {};
  const { split } = report;
  return {
    rows: report.rows,
    train: split.train + split.validation,
    test: split.test,
    features: report.features,
    setAside: report.setAside,
  };
}

async function trainFacts(aws: Clients, step: PipelineExecutionStep): Promise<Facts> {
  const { rounds, metric, score } = await jobLog(aws)(step);
  return {
    ...(rounds !== undefined && { rounds }),
    ...(metric !== undefined && { metric }),
    ...(score !== undefined && { score }),
  };
}

async function evaluateFacts(aws: Clients, step: PipelineExecutionStep): Promise<Facts> {
  const evaluation = await readEvaluation(aws, step);
  if (!evaluation) return {};
  const score = evaluation.metrics[evaluation.metric];
  return {
    metric: evaluation.metric,
    metrics: evaluation.metrics,
    message: evaluation.gate.reason,
    ...(score !== undefined && { score }),
  };
}

async function registerFacts(aws: Clients, step: PipelineExecutionStep): Promise<Facts> {
  const ModelPackageName = step.Metadata?.RegisterModel?.Arn;
  if (ModelPackageName === undefined) return {};
  try {
    const { ModelPackageVersion, ModelApprovalStatus } = await (
      await aws.sagemaker()
    ).describeModelPackage({ ModelPackageName });
    return {
      ...(ModelPackageVersion !== undefined && { version: ModelPackageVersion }),
      ...(ModelApprovalStatus && { approval: ModelApprovalStatus }),
    };
  } catch (error) {
    if (isAwsError(error, "ValidationException")) return {};
    throw error;
  }
}
