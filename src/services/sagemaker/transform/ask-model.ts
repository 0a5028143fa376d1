import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { EngineReply } from "../hosting/engines/engine.ts";
import { BadData } from "./bad-data.ts";
import type { Batch } from "./batches.ts";
import type { DataProcessing } from "./data-processing.ts";
import type { ServedModel } from "./served-model.ts";
import type { TransformRequest } from "./state.ts";

/** A batch to what is written for it. */
export type Ask = (batch: Batch) => Promise<Uint8Array | string>;

export interface AskOptions {
  readonly model: ServedModel;
  readonly request: TransformRequest;
  readonly processing: DataProcessing | undefined;
  readonly signal: AbortSignal;
}

const LINE = Buffer.from("\n");

export function createAsk({ model, request, processing, signal }: AskOptions): Ask {
  const asLines = request.TransformOutput.AssembleWith === "Line";
  const send = createSend(model, request, signal);
  return async (batch) => {
    const records = processing && batch.map(String);
    const body = records ? Buffer.from(records.map((one) => processing.toInput(one)).join("\n")) : joined(batch);
    const reply = await send(body);
    if (!records || !processing?.toOutput) return asLines ? withNewline(reply.body) : reply.body;
    const { toOutput } = processing;
    const answers = toAnswers(reply.body, records.length);
    const outputs = records.map((record, i) => toOutput(record, answers[i] ?? ""));
    return asLines ? `${outputs.join("\n")}\n` : outputs.join("\n");
  };
}

/** AWS: defaults and limits of ModelClientConfig in the API reference. */
const RETRIES = 3;
const TIMEOUT_SECONDS = 600;
const FIRST_PAUSE = 100;

/** One request; what the model's own failure is, or no answer in time, is asked again. */
function createSend({ engine }: ServedModel, request: TransformRequest, signal: AbortSignal) {
  const { InvocationsMaxRetries: retries = RETRIES, InvocationsTimeoutInSeconds: seconds = TIMEOUT_SECONDS } =
    request.ModelClientConfig ?? {};
  const asked = {
    contentType: request.TransformInput.ContentType,
    accept: request.TransformOutput.Accept,
    customAttributes: undefined,
    inferenceId: undefined,
    milliseconds: seconds * 1000,
  };
  return async (body: Buffer): Promise<EngineReply> => {
    for (let retry = 0; ; retry++) {
      signal.throwIfAborted();
      // Scoring in this process: others get their turn between two requests.
      if (engine.kind === "native") await turn();
      const reply = await engine.invoke({ ...asked, body });
      if (reply.status >= 200 && reply.status < 300) return reply;
      signal.throwIfAborted();
      const failed = reply.status >= 500 || reply.status === 0;
      if (!failed || retry >= retries) throw refused(reply, failed);
      await sleep(FIRST_PAUSE * 2 ** retry, undefined, { signal });
    }
  };
}

function refused({ status, body }: EngineReply, failed: boolean): BadData {
  const said = Buffer.from(body).toString("utf8").trim().slice(0, 400);
  const what =
    status === 0 ? "No answer in time from the algorithm" : `Bad HTTP status received from algorithm: ${status}`;
  return new BadData(`${what}. Message: ${said}`, failed ? "AlgorithmError" : "ClientError");
}

/** The answer to several records is as many lines. One record's may have several: JSON that is written over lines. */
function toAnswers(body: Uint8Array | string, count: number): string[] {
  const text = Buffer.from(body).toString("utf8");
  if (count === 1) return [text.trim()];
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length === count) return lines;
  throw new BadData(
    `The model answered ${count} records with ${lines.length} lines, so that they cannot be joined: use the BatchStrategy SingleRecord, or a model that answers each record on a line.`,
  );
}

function joined(batch: Batch): Buffer {
  const [only] = batch;
  if (only && batch.length === 1) return only;
  return Buffer.concat(batch.flatMap((record) => [record, LINE]));
}

function withNewline(body: Uint8Array | string): Uint8Array | string {
  const ended = typeof body === "string" ? body.endsWith("\n") : body.at(-1) === LINE[0];
  if (ended) return body;
  return typeof body === "string" ? `${body}\n` : Buffer.concat([body, LINE]);
}
