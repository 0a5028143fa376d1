/** What people are told of, in their words: the steps of a pipeline, what comes before and after it, and those of `cauce predict`. */
export type StepName =
  | (typeof STEPS)[keyof typeof STEPS]["shown"]
  | "upload"
  | "stack"
  | "deploy"
  | "read"
  | "predict"
  | "write";

/** What `cauce logs` can be asked for. */
export const LOGGED = [
  "extract",
  "inspect",
  "prepare",
  "train",
  "evaluate",
  "deploy",
  "predict",
  "batch",
  "endpoint",
] as const;
export type Logged = (typeof LOGGED)[number];

interface Shown {
  readonly shown: string;
  /** Where what it says is found; decisions say nothing. */
  readonly log?: Logged;
}

/** By the names that the pipeline definition has. `Refuse` is not among them: it is only how a pipeline says no. */
const STEPS = {
  Extract: { shown: "extract", log: "extract" },
  Inspect: { shown: "inspect", log: "inspect" },
  Prepare: { shown: "prepare", log: "prepare" },
  PrepareScript: { shown: "script", log: "prepare" },
  Train: { shown: "train", log: "train" },
  Evaluate: { shown: "evaluate", log: "evaluate" },
  Gate: { shown: "gate" },
  Register: { shown: "register" },
} as const satisfies Readonly<Record<string, Shown>>;

export function shownStep(name: string | undefined): StepName | undefined {
  return find(name)?.shown as StepName | undefined;
}

export function logOfStep(name: string | undefined): Logged | undefined {
  return find(name)?.log;
}

function find(name: string | undefined): Shown | undefined {
  return (STEPS as Readonly<Record<string, Shown>>)[name ?? ""];
}
