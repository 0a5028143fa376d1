import { type Document, unusable } from "./xgboost-document.ts";

/** How an objective turns base_score into margins, and margins into what a prediction says. */
export interface Objective {
  /** base_score → margin. */
  readonly start: (score: number) => number;
  /** Margins of one row → outputs, in place; 32-bit floats in, 32-bit floats out. */
  readonly finish: (margins: Float32Array, from: number, to: number) => void;
  /** How many numbers a prediction has for each row. */
  readonly outputs: (groups: number) => number;
}

export function objectiveOf(document: Document): Objective {
  const objective = OBJECTIVES[document.objective];
  if (!objective)
    throw unusable(
      `its objective is ${document.objective}, which is not scored (those are: ${Object.keys(OBJECTIVES).join(", ")})`,
    );
  return objective;
}

const { exp, log, fround } = Math;
const same = (groups: number): number => groups;
const identity: Objective = { start: (score) => score, finish: () => {}, outputs: same };

const logistic: Objective = {
  start: (score) => fround(-log(fround(fround(1 / fround(score)) - 1))),
  finish(margins, from, to) {
    for (let i = from; i < to; i++) margins[i] = 1 / (1 + exp(-(margins[i] ?? 0)));
  },
  outputs: same,
};

const exponential: Objective = {
  start: (score) => fround(log(fround(score))),
  finish(margins, from, to) {
    for (let i = from; i < to; i++) margins[i] = exp(margins[i] ?? 0);
  },
  outputs: same,
};

const softprob: Objective = {
  start: (score) => score,
  finish(margins, from, to) {
    let top = -Infinity;
    for (let i = from; i < to; i++) top = Math.max(top, margins[i] ?? 0);
    let total = 0;
    for (let i = from; i < to; i++) total += exp((margins[i] ?? 0) - top);
    for (let i = from; i < to; i++) margins[i] = exp((margins[i] ?? 0) - top) / total;
  },
  outputs: same,
};

/** The prediction is the place of the largest margin, written to the first slot. */
const softmax: Objective = {
  start: (score) => score,
  finish(margins, from, to) {
    let best = from;
    for (let i = from + 1; i < to; i++) if ((margins[i] ?? 0) > (margins[best] ?? 0)) best = i;
    margins[from] = best - from;
  },
  outputs: () => 1,
};

const hinge: Objective = {
  ...identity,
  finish(margins, from, to) {
    for (let i = from; i < to; i++) margins[i] = (margins[i] ?? 0) > 0 ? 1 : 0;
  },
};

const OBJECTIVES: Record<string, Objective> = {
  "reg:squarederror": identity,
  "reg:linear": identity,
  "reg:squaredlogerror": identity,
  "reg:pseudohubererror": identity,
  "reg:absoluteerror": identity,
  "reg:quantileerror": identity,
  "reg:logistic": logistic,
  "binary:logistic": logistic,
  // Unlike for binary:logistic, its base_score is a margin already.
  "binary:logitraw": identity,
  "binary:hinge": hinge,
  "count:poisson": exponential,
  "reg:gamma": exponential,
  "reg:tweedie": exponential,
  "survival:cox": exponential,
  "multi:softprob": softprob,
  "multi:softmax": softmax,
  "rank:pairwise": identity,
  "rank:ndcg": identity,
  "rank:map": identity,
};
