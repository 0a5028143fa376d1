import { isAwsError } from "#aws";
import { CauceError, isRecord, parseJson } from "#core";
import { explanationIn } from "../failure.ts";
import type { Progress } from "../progress.ts";
import { countRows } from "./count-rows.ts";
import type { Run } from "./request.ts";

/** What src/functions/batch answers: the two sides share a contract, not code. */
export interface ReadAnswer {
  readonly rows: number;
  readonly columns: number;
  readonly refused: number;
  readonly parts: number;
  readonly how: readonly string[];
  readonly notes: readonly string[];
}

export interface WriteAnswer {
  readonly uri: string;
  readonly bytes: number;
  readonly rows: number;
  readonly errors: number;
  readonly firstError?: string;
  readonly added: readonly string[];
  readonly agreement?: { readonly column: string; readonly known: number; readonly same: number };
}

/** Invokes the project's function for one half of the work, and tells how it goes. */
export async function askBatch<A extends ReadAnswer | WriteAnswer>(
  run: Run,
  action: "read" | "write",
  event: object,
): Promise<A> {
  const started = performance.now();
  const tell = (state: Progress["state"], facts: Progress["facts"]) =>
    run.options.onProgress?.({ step: action, state, facts, elapsed: (performance.now() - started) / 1000 });
  tell("running", {});
  const watching = new AbortController();
  const watched =
    action === "read"
      ? countRows(run, "in", { signal: watching.signal, onRows: (rows) => tell("running", { rows }) })
      : undefined;
  try {
    const answer = (await invoke(run, { Action: action, RunUri: run.uri, ...event })) as A;
    tell(
      "done",
      "columns" in answer ? { rows: answer.rows, columns: answer.columns } : { rows: answer.rows, bytes: answer.bytes },
    );
    return answer;
  } catch (error) {
    tell("failed", {});
    throw error;
  } finally {
    watching.abort();
    await watched;
  }
}

async function invoke({ aws, names, options }: Run, event: object): Promise<unknown> {
  const lambda = await aws.lambda();
  const FunctionName = names.functions.batch;
  const abort = options.signal ? { abortSignal: options.signal } : {};
  const answer = await lambda
    .invoke({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }, abort)
    .catch((error: unknown) => {
      throw isAwsError(error, "ResourceNotFoundException") ? noFunction(names.stack) : error;
    });
  const payload = parseJson(Buffer.from(answer.Payload ?? []).toString());
  if (!answer.FunctionError) return payload;
  const message = isRecord(payload) ? String(payload["errorMessage"] ?? "") : "";
  throw new CauceError(
    explanationIn(message) ?? {
      code: "PredictFailed",
      what: `The function ${FunctionName} failed.`,
      why: message || "It gave no reason.",
      fix: "`cauce logs batch` shows what it said.",
    },
  );
}

function noFunction(project: string): CauceError {
  return new CauceError({
    code: "NotUpToDate",
    what: `${project} cannot predict whole tables yet.`,
    why: "It was brought up by a Cauce that could not.",
    fix: "Bring it up once more: `cauce up`, or `cauce deploy` with its model.",
  });
}
