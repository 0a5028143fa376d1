import type { Label, Target } from "./features.ts";

/** One answer, as docs/contracts/features.md has it. */
export type Answer =
  | { readonly prediction: Label; readonly probabilities: Readonly<Record<string, number>> }
  | { readonly prediction: number };

export interface Answers {
  toAnswer(margins: Float32Array, row: number): Answer;
  /** The same as JSON, keys in the order of the classes. */
  toText(margins: Float32Array, row: number): string;
}

/** Margins of a row → what is said about it. */
export function compileAnswers(target: Target): Answers {
  if (target.task === "regression") {
    return {
      toAnswer: (margins, row) => ({ prediction: rounded(margins[row] ?? 0) }),
      toText: (margins, row) => `{"prediction":${rounded(margins[row] ?? 0)}}`,
    };
  }
  const { classes } = target;
  const names = classes.map(String);
  const openings = classes.map((label) => `{"prediction":${JSON.stringify(label)},"probabilities":{`);
  const keys = names.map((name, i) => `${i > 0 ? "," : ""}${JSON.stringify(name)}:`);
  // Reused from row to row: an answer is written before the next is begun.
  const shares = new Float64Array(classes.length);
  const share = target.task === "binary" ? logistic : softmax;
  return {
    toAnswer(margins, row) {
      const best = share(margins, row, shares);
      const probabilities = Object.fromEntries(names.map((name, i) => [name, rounded(shares[i] ?? 0)]));
      return { prediction: classes[best] as Label, probabilities };
    },
    toText(margins, row) {
      let text = openings[share(margins, row, shares)] as string;
      for (let i = 0; i < keys.length; i++) text += (keys[i] as string) + rounded(shares[i] as number);
      return `${text}}}`;
    },
  };
}

/** Fills in the shares and returns the place of the largest. Sums are of 32-bit floats, as in XGBoost; this is in 64 bits here and in Python. */
type Share = (margins: Float32Array, row: number, shares: Float64Array) => number;

const logistic: Share = (margins, row, shares) => {
  const margin = margins[row] as number;
  shares[0] = 1 / (1 + Math.exp(Math.min(margin, 700)));
  shares[1] = 1 / (1 + Math.exp(Math.min(-margin, 700)));
  return (shares[1] as number) > (shares[0] as number) ? 1 : 0;
};

const softmax: Share = (margins, row, shares) => {
  const from = row * shares.length;
  let top = -Infinity;
  for (let i = 0; i < shares.length; i++) top = Math.max(top, margins[from + i] as number);
  let total = 0;
  for (let i = 0; i < shares.length; i++) total += shares[i] = Math.exp((margins[from + i] as number) - top);
  let best = 0;
  for (let i = 0; i < shares.length; i++) {
    shares[i] = (shares[i] as number) / total;
    if ((shares[i] as number) > (shares[best] as number)) best = i;
  }
  return best;
};

function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
