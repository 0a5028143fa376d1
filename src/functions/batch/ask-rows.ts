import { CauceError, isRecord, parseJson } from "#core";
import { type RowAnswer, readAnswers } from "./answers.ts";
import type { ModelDoor, Said } from "./model-door.ts";

/** Records that in a row make the model itself fail, before it is taken to be broken. */
const MOST_FAILURES = 20;

/**
 * Asks for what the job could not answer: a model refuses a request as a whole, and here row by row is found which it means. It is the
 * same model, behind its URL.
 */
export class RowAsker {
  private readonly door: ModelDoor;
  /** Why the job failed, said when the endpoint fails as well. */
  private readonly reason: string;
  private failures = 0;

  constructor(door: ModelDoor, reason: string) {
    this.door = door;
    this.reason = reason;
  }

  async answers(records: readonly unknown[]): Promise<readonly RowAnswer[]> {
    const said = await this.door(records);
    if (said === undefined) throw transformFailed(this.reason);
    if (said.status === 200) {
      this.failures = 0;
      return readAnswers(said.body, records.length);
    }
    const named = said.status < 500 ? problemsIn(said.body) : new Map<number, string>();
    if (records.length === 1) return [{ prediction: null, error: this.single(said, named) }];
    const wrong = [...named.keys()].filter((row) => row < records.length);
    if (wrong.length > 0) return this.without(records, named);
    const half = Math.ceil(records.length / 2);
    return [...(await this.answers(records.slice(0, half))), ...(await this.answers(records.slice(half)))];
  }

  /** The rows that the model has named are answered with what it said, the others are asked again. */
  private async without(
    records: readonly unknown[],
    named: ReadonlyMap<number, string>,
  ): Promise<readonly RowAnswer[]> {
    const rest = records.filter((_, row) => !named.has(row));
    const answers = rest.length === 0 ? [] : await this.answers(rest);
    let at = 0;
    return records.map((_, row) => {
      const error = named.get(row);
      return error === undefined ? (answers[at++] as RowAnswer) : { prediction: null, error };
    });
  }

  private single({ status, body }: Said, named: ReadonlyMap<number, string>): string {
    if (status < 500) return named.get(0) ?? `The model refused this row: ${body.slice(0, 300)}`;
    if (++this.failures >= MOST_FAILURES) throw transformFailed(this.reason);
    return "The model failed to answer this row; its log says why.";
  }
}

/** Row, counted from 0 → what is wrong with it, as docs/contracts/features.md has it. */
function problemsIn(body: string): Map<number, string> {
  const said = parseJson(body);
  const listed = isRecord(said)
    ? Array.isArray(said["errors"])
      ? (said["errors"] as unknown[])
      : [said["error"]]
    : [];
  const found = new Map<number, string>();
  for (const problem of listed) {
    if (!isRecord(problem) || typeof problem["row"] !== "number" || typeof problem["message"] !== "string") continue;
    const row = problem["row"] - 1;
    const message = problem["message"].replace(/^Row \d+: /, "");
    found.set(row, found.has(row) ? `${found.get(row)} ${message}` : message);
  }
  return found;
}

export function transformFailed(reason: string): CauceError {
  return new CauceError({
    code: "TransformFailed",
    what: "The model did not answer the rows.",
    why: reason || "The transform job gave no reason.",
    fix: "`cauce invoke` shows whether the model answers one record; `cauce logs batch` has what it said.",
  });
}
