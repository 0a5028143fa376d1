import { setTimeout as sleep } from "node:timers/promises";
import { isRecord, type JsonObject, parseJson } from "#core";
import { StepFailed, type StepRunner } from "./step.ts";

// AWS: 10 minutes at most, "Lambda step" in the SageMaker guide of 2023.
const LONGEST = 600_000;
/** AWS: `OutputParameter` in the API model: a value is cut at 1,024 characters; there, it is an error. */
const LONGEST_OUTPUT = 1024;

export const lambda: StepRunner = {
  async run(step, { ctx, args, signal }) {
    const FunctionName = String(step.source["FunctionArn"]);
    const invoked = ctx.call("lambda", "Invoke", { FunctionName, Payload: Buffer.from(JSON.stringify(args)) });
    const timer = new AbortController();
    const expired = sleep(LONGEST, undefined, { signal: AbortSignal.any([timer.signal, signal]) }).catch(
      () => undefined,
    );
    const answer = await Promise.race([invoked, expired]);
    timer.abort();
    if (!answer) throw new StepFailed("The Lambda function did not answer within 10 minutes.");
    const payload = parseJson(Buffer.from((answer.Payload ?? "") as Uint8Array).toString("utf8"));
    if (answer.FunctionError !== undefined) throw new StepFailed(errorOf(payload));
    return {
      metadata: { Lambda: { Arn: FunctionName, OutputParameters: toList(outputsOf(step.source, payload)) } },
      properties: { OutputParameters: outputsOf(step.source, payload) },
    };
  },
};

function outputsOf(source: JsonObject, payload: unknown): Record<string, string | number | boolean> {
  const declared = (source["OutputParameters"] ?? []) as readonly { readonly OutputName: string }[];
  const answer = isRecord(payload) ? payload : {};
  return Object.fromEntries(
    declared.map(({ OutputName: name }) => {
      const value = answer[name];
      if (value === undefined || value === null) {
        throw new StepFailed(`The Lambda function's answer lacks the output parameter ${name}.`);
      }
      const flat = typeof value === "object" ? JSON.stringify(value) : (value as string | number | boolean);
      if (String(flat).length > LONGEST_OUTPUT) {
        throw new StepFailed(`The output parameter ${name} is longer than ${LONGEST_OUTPUT} characters.`);
      }
      return [name, flat];
    }),
  );
}

function toList(outputs: Readonly<Record<string, unknown>>) {
  return Object.entries(outputs).map(([Name, value]) => ({ Name, Value: String(value) }));
}

function errorOf(payload: unknown): string {
  if (!isRecord(payload)) return "The Lambda function failed and said nothing.";
  const { errorType, errorMessage } = payload;
  return typeof errorType === "string" ? `${errorType}: ${String(errorMessage)}` : String(errorMessage);
}
