import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import type { Clients } from "#aws";
import { CauceError, type Explanation, isRecord, parseJson } from "#core";
import { readEvaluation } from "./results.ts";
import { scriptFailure } from "./script-failure.ts";
import { logOfStep, shownStep } from "./steps.ts";

/** Why an execution did not succeed, in the words of the step that failed. */
export async function stepFailure(
  aws: Clients,
  execution: {
    readonly status: string | undefined;
    readonly reason: string | undefined;
    readonly steps: readonly PipelineExecutionStep[];
  },
): Promise<CauceError> {
  if (execution.status === "Stopped") {
    return new CauceError({
      code: "Stopped",
      what: "The pipeline was stopped.",
      why: "Somebody asked for it.",
      fix: "Start it again with `cauce run`.",
    });
  }
  const refused = execution.steps.find(
    (step) => step.StepName === "Gate" && step.Metadata?.Condition?.Outcome === "False",
  );
  if (refused) return gateRefused(aws, execution.steps);
  const failed = execution.steps.find((step) => step.StepStatus === "Failed");
  const log = logOfStep(failed?.StepName);
  const reason = failed?.FailureReason ?? execution.reason ?? "AWS gave no reason.";
  const carried = explanationIn(reason);
  if (carried) return new CauceError(carried);
  const own = scriptFailure(reason, log ?? "");
  if (own) return new CauceError(own);
  return new CauceError({
    code: "StepFailed",
    what: `The step ${shownStep(failed?.StepName) ?? failed?.StepName ?? "pipeline"} failed.`,
    ...whyAndFix(withoutLists(sentenceIn(reason)), log),
  });
}

function whyAndFix(why: string, log: string | undefined): Pick<Explanation, "why" | "fix"> {
  const fix = log === undefined ? "Correct what it names in the project." : `\`cauce logs ${log}\` shows what it said.`;
  return adviceIn(why) ?? { why, fix };
}

const ADVICE = /^(.+?[.!:]) ((?:Add|Check|Choose|Correct|Give|Leave|Predict|Save|Say|Use) [^.]+(?:\.\w[^.]*)*\.)$/s;

/** Our steps end what they say with what to do. */
export function adviceIn(said: string): Pick<Explanation, "why" | "fix"> | undefined {
  const [, why, fix] = ADVICE.exec(said) ?? [];
  return why === undefined || fix === undefined
    ? undefined
    : { why: why.replace(/^InstallRequirementsError: /, ""), fix };
}

/** AWS names every value that would have done, up to where its sentence is cut. */
function withoutLists(reason: string): string {
  return reason.replace(/enum value set: \[([^\]]{80})[^\]]*\]?/g, "enum value set: [$1…]");
}

async function gateRefused(aws: Clients, steps: readonly PipelineExecutionStep[]): Promise<CauceError> {
  const evaluate = steps.find((step) => step.StepName === "Evaluate");
  const evaluation = evaluate && (await readEvaluation(aws, evaluate));
  const reason = evaluation?.gate.reason ?? "The evaluation says why.";
  return new CauceError(
    {
      code: "GateRefused",
      what: "The model did not pass the gate; nothing was replaced.",
      why: /[.!]$/.test(reason) ? reason : `${reason}.`,
      fix: "Improve the data or the settings. What must be reached is `evaluate` in the project's file, which `cauce init` makes.",
    },
    { exitCode: 3 },
  );
}

/** What a person has to read of a failure: AWS wraps the job's own sentence, and ours says what, why and how to fix. */
export function sentenceIn(reason: string): string {
  const carried = explanationIn(reason) ?? scriptFailure(reason, "");
  if (carried) return [carried.what, carried.why].join(" ");
  return /^(?:AlgorithmError|ClientError): (.*?)(?:, exit code: \d+)?$/s.exec(reason)?.[1] ?? reason;
}

/** Our functions carry `{code, what, why, fix}` as their error's message, and services wrap it in words of their own. */
export function explanationIn(reason: string): Explanation | undefined {
  for (const text of [reason, reason.replaceAll('\\"', '"').replaceAll("\\\\", "\\")]) {
    const start = text.indexOf('{"code"');
    if (start === -1) continue;
    for (let end = text.indexOf("}", start); end !== -1; end = text.indexOf("}", end + 1)) {
      const value = parseJson(text.slice(start, end + 1));
      if (isRecord(value) && ["code", "what", "why", "fix"].every((key) => typeof value[key] === "string"))
        return value as unknown as Explanation;
    }
  }
  return undefined;
}
