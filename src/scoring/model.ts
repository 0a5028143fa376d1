import { CauceError } from "#core";

import type { Booster } from "./booster.ts";
import type { Features, Label } from "./features.ts";
import { InputError } from "./problems.ts";
import { compileRequests } from "./requests.ts";

/** One answer, as docs/contracts/features.md has it. */
export type Answer =
  | { readonly prediction: Label; readonly probabilities: Readonly<Record<string, number>> }
  | { readonly prediction: number };

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly contentType: "application/json";
}

/** A trained model with its features: raw records in, answers out. The same answers as inference.py. */
export interface Model {
  readonly features: Features;
  readonly booster: Booster;
  /** Answers one record; a caller's mistake is an InputError. */
  answer(record: unknown): Answer;
  answerMany(records: readonly unknown[]): Answer[];
  /** Answers the body of a request, mistakes included. */
  reply(body: string | Uint8Array, contentType?: string): Reply;
}

export function createModel(features: Features, booster: Booster): Model {
  const { target } = features;
  const groups = target.task === "multiclass" ? target.classes.length : 1;
  if (booster.features !== features.features.length || booster.groups !== groups) {
    throw new CauceError({
      code: "ModelMismatch",
      what: "The model and its features.json do not belong together.",
      why: `The model takes ${booster.features} features and gives ${booster.groups} numbers; features.json has ${features.features.length} and ${groups}.`,
      fix: "Use both files of one model.tar.gz.",
    });
  }
  const requests = compileRequests(features);
  const labels = target.classes.map((label) => JSON.stringify(label));
  const keys = target.classes.map((label) => JSON.stringify(String(label)));
  const texts = target.classes.map(String);

  const toText = (margins: Float32Array, row: number): string => {
    if (target.task === "regression") return `{"prediction":${rounded(margins[row] ?? 0)}}`;
    const shares = toShares(margins, row, groups);
    return `{"prediction":${labels[largest(shares)]},"probabilities":{${shares.map((share, i) => `${keys[i]}:${rounded(share)}`).join(",")}}}`;
  };
  const toAnswer = (margins: Float32Array, row: number): Answer => {
    if (target.task === "regression") return { prediction: rounded(margins[row] ?? 0) };
    const shares = toShares(margins, row, groups);
    const probabilities = Object.fromEntries(shares.map((share, i) => [texts[i], rounded(share)]));
    return { prediction: target.classes[largest(shares)] as Label, probabilities };
  };
  const answerMany = (records: readonly unknown[], many = true): Answer[] => {
    const margins = booster.margin(requests.encode(records, many));
    return records.map((_, row) => toAnswer(margins, row));
  };

  return {
    features,
    booster,
    answer: (record) => answerMany([record], false)[0] as Answer,
    answerMany: (records) => answerMany(records),
    reply(body, contentType) {
      try {
        const { rows, many } = requests.read(body, contentType);
        const margins = booster.margin(rows);
        if (!many) return { status: 200, body: toText(margins, 0), contentType: "application/json" };
        const answers = Array.from({ length: rows.length / booster.features }, (_, row) => toText(margins, row));
        return { status: 200, body: `[${answers.join(",")}]`, contentType: "application/json" };
      } catch (error) {
        if (error instanceof InputError)
          return { status: error.status, body: error.body, contentType: "application/json" };
        throw error;
      }
    },
  };
}

/** Sums are of 32-bit floats, as in XGBoost; what follows is in 64 bits here and in Python, so that both say the same. */
function toShares(margins: Float32Array, row: number, groups: number): number[] {
  if (groups === 1) {
    const margin = margins[row] ?? 0;
    return [1 / (1 + Math.exp(Math.min(margin, 700))), 1 / (1 + Math.exp(Math.min(-margin, 700)))];
  }
  const ours = margins.subarray(row * groups, (row + 1) * groups);
  const top = Math.max(...ours);
  const powers = Array.from(ours, (margin) => Math.exp(margin - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function largest(shares: readonly number[]): number {
  let best = 0;
  shares.forEach((share, i) => {
    if (share > (shares[best] ?? 0)) best = i;
  });
  return best;
}

function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
