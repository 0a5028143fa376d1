import { CauceError, isRecord, parseJson } from "#core";

/** What is said about one row. */
export interface RowAnswer {
  readonly prediction: string | number | boolean | null;
  readonly probabilities?: Readonly<Record<string, number>>;
  /** Why there is no prediction. */
  readonly error?: string;
}

/** The answers to a request of so many records: an array of what our models say, or of plain predictions. */
export function readAnswers(text: string, rows: number): readonly RowAnswer[] {
  const value = parseJson(text);
  const list = isRecord(value) && Array.isArray(value["predictions"]) ? (value["predictions"] as unknown[]) : value;
  if (!Array.isArray(list) || list.length !== rows) throw notJoinable(text, rows, list);
  return list.map(toAnswer);
}

function toAnswer(said: unknown): RowAnswer {
  if (!isRecord(said) || !("prediction" in said)) return { prediction: plain(said) };
  const shares = said["probabilities"];
  return {
    prediction: plain(said["prediction"]),
    ...(isRecord(shares) && { probabilities: shares as Record<string, number> }),
  };
}

function plain(value: unknown): RowAnswer["prediction"] {
  if (value === null || value === undefined) return null;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : JSON.stringify(value);
}

function notJoinable(text: string, rows: number, list: unknown): CauceError {
  const said = Array.isArray(list) ? `${list.length} answers` : JSON.stringify(text.slice(0, 80));
  return new CauceError({
    code: "AnswersUnreadable",
    what: "The model's answers cannot be put beside the rows.",
    why: `It was sent an array of ${rows} records, and said ${said}.`,
    fix: "Its program must answer an array of JSON with an array that is as long: one answer for each record.",
  });
}
