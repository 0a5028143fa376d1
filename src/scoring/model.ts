import { CauceError } from "#core";

import { type Answer, compileAnswers } from "./answers.ts";
import type { Booster } from "./booster.ts";
import type { Features } from "./features.ts";
import { InputError } from "./problems.ts";
import { compileRequests } from "./requests.ts";

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
  const answers = compileAnswers(target);
  const sums = new Float32Array(groups);
  const answerMany = (records: readonly unknown[], many = true): Answer[] => {
    const margins = booster.margin(requests.encode(records, many));
    return records.map((_, row) => answers.toAnswer(margins, row));
  };

  return {
    features,
    booster,
    answer: (record) => answerMany([record], false)[0] as Answer,
    answerMany: (records) => answerMany(records),
    reply(body, contentType) {
      try {
        const { rows, many } = requests.read(body, contentType);
        if (!many) return ok(answers.toText(booster.margin(rows, sums), 0));
        const margins = booster.margin(rows);
        const texts = Array.from({ length: rows.length / booster.features }, (_, row) => answers.toText(margins, row));
        return ok(`[${texts.join(",")}]`);
      } catch (error) {
        if (error instanceof InputError)
          return { status: error.status, body: error.body, contentType: "application/json" };
        throw error;
      }
    },
  };
}

function ok(body: string): Reply {
  return { status: 200, body, contentType: "application/json" };
}
