import { layOut } from "./forest.ts";
import { objectiveOf } from "./objective.ts";
import { readDocument, unusable } from "./xgboost-document.ts";

/** A model of XGBoost, ready to score. Rows lie one after another in a Float32Array; NaN is missing. */
export interface Booster {
  readonly features: number;
  /** Margins for each row: 1, or one for each class. */
  readonly groups: number;
  /** Numbers of a prediction for each row. */
  readonly outputs: number;
  readonly objective: string;
  /** The sums before the objective's last step, as XGBoost's `output_margin=True`; written to `into` when that is given. */
  margin(rows: Float32Array, into?: Float32Array): Float32Array;
  /** Probabilities or values, as XGBoost's `predict`. */
  predict(rows: Float32Array): Float32Array;
}

export interface BoosterOptions {
  /** Stop at the round that early stopping found best, when the model says which. XGBoost's own `Booster.predict` does not. */
  readonly bestIteration?: boolean;
}

/** Reads a model saved as JSON or UBJSON; a CauceError says what is wrong with it. */
export function readXgboost(bytes: Uint8Array, options: BoosterOptions = {}): Booster {
  const document = readDocument(bytes);
  const objective = objectiveOf(document);
  const { features, groups, rounds, bestIteration } = document;
  const until = options.bestIteration && bestIteration !== undefined ? rounds[bestIteration + 1] : undefined;
  const forest = layOut(document, Math.min(until ?? document.trees.length, document.trees.length));
  const start = Float32Array.from(document.baseScore, objective.start);
  if (start.some((score) => !Number.isFinite(score)))
    throw unusable(`its base_score ${document.baseScore.join(", ")} does not fit ${document.objective}`);
  const outputs = objective.outputs(groups);
  const margin = (rows: Float32Array, into?: Float32Array): Float32Array => {
    const count = rows.length / features;
    const sums = into ?? new Float32Array(count * groups);
    for (let row = 0; row < count; row++) {
      sums.set(start, row * groups);
      forest.add(rows, row * features, sums, row * groups);
    }
    return sums;
  };
  return {
    features,
    groups,
    outputs,
    objective: document.objective,
    margin,
    predict(rows) {
      const margins = margin(rows);
      for (let from = 0; from < margins.length; from += groups) objective.finish(margins, from, from + groups);
      return outputs === groups ? margins : margins.filter((_, i) => i % groups === 0);
    },
  };
}
