import type { Facts, Progress, StepName } from "#app";

/** What is known of a step, in a few words. */
export function factsOf({ step, state, facts }: Progress): string {
  // Why it failed is told below, once; what a gate found is its result.
  if (state === "failed") return (step === "gate" ? facts.message : undefined) ?? "failed";
  const words = WORDS[step](shortened(facts), state).filter((word) => word !== "");
  if (state === "cached") words.push("unchanged");
  return words.join(" · ");
}

const LONGEST_MESSAGE = 64;

/** What pip says can be longer than a screen. */
function shortened(facts: Facts): Facts {
  const { message } = facts;
  if (message === undefined || message.length <= LONGEST_MESSAGE) return facts;
  return { ...facts, message: `${message.slice(0, LONGEST_MESSAGE - 1)}…` };
}

type Words = (facts: Facts, state: Progress["state"]) => string[];

const WORDS: Readonly<Record<StepName, Words>> = {
  upload: ({ file, bytes, ofBytes, files }) => [file ?? (files ? counted(files, "file") : ""), part(bytes, ofBytes)],
  stack: ({ resources, ofResources }) => [
    resources === undefined || ofResources === undefined
      ? ""
      : resources < ofResources
        ? `${resources} of ${ofResources} resources`
        : `${ofResources} resources`,
  ],
  extract: ({ source, rows, columns, message }) => [
    source ?? "",
    counted(rows, "row"),
    counted(columns, "column"),
    message ?? "",
  ],
  inspect: ({ features, message }) => [features === undefined ? "" : counted(features, "field"), message ?? ""],
  prepare: ({ train, test, features, setAside, message }) => [
    train === undefined ? "" : `${number(train)} train`,
    test === undefined ? "" : `${number(test)} test`,
    features === undefined ? "" : counted(features, "feature") + aside(setAside),
    message ?? "",
  ],
  script: ({ program, message }) => [program ?? "", message ?? ""],
  train: ({ program, rounds, ofRounds, metric, score, message }, state) => [
    program ?? "xgboost",
    rounds === undefined
      ? ""
      : state === "running" && ofRounds
        ? `${rounds} of at most ${ofRounds} trees`
        : counted(rounds, "tree"),
    score === undefined ? "" : `validation ${metric ?? "score"} ${score.toFixed(4)}`,
    message ?? "",
  ],
  evaluate: ({ metrics }) => [
    Object.entries(metrics ?? {})
      .map(([name, value]) => `${metricName(name)} ${metricValue(value)}`)
      .join(" · "),
    metrics ? "on rows it never saw" : "",
  ],
  gate: ({ message }) => [message ?? ""],
  register: ({ version, approval }) => [
    version === undefined ? "" : `version ${version}`,
    approval === undefined || approval === "Approved" ? "" : "waits for approval",
  ],
  deploy: (facts) => [
    facts.endpoint ?? "",
    wayOf(facts),
    facts.status ?? "",
    facts.approval !== undefined && facts.approval !== "Approved" ? "waits for approval" : "",
    facts.message ?? "",
  ],
  read: ({ rows, columns }) => [counted(rows, "row"), counted(columns, "column")],
  predict: ({ rows, ofRows }, state) => [
    state === "running" && ofRows !== undefined
      ? `${number(rows ?? 0)} of ${counted(ofRows, "row")}`
      : counted(rows, "row"),
  ],
  write: ({ rows, bytes }) => [counted(rows, "row"), size(bytes)],
};

/** How a model is served. */
export function wayOf(facts: Omit<Facts, "status" | "version">): string {
  const { on, instances, mostInstances, instanceType, memory, functionName } = facts;
  if (on === "lambda") return `in the Lambda ${functionName} (${memory} MB)`;
  if (on === "serverless") return `serverless ${(memory ?? 0) / 1024} GB`;
  if (instances === undefined) return "";
  return `${mostInstances === undefined ? instances : `${instances}–${mostInstances}`} × ${instanceType ?? ""}`;
}

function aside(setAside: Facts["setAside"]): string {
  if (!setAside?.length) return "";
  const shown = setAside.slice(0, 3).map(({ column, reason }) => `${column}: ${reason}`);
  return ` (set aside: ${shown.join(", ")}${setAside.length > 3 ? ` and ${setAside.length - 3} more` : ""})`;
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

export function counted(value: number | undefined, noun: string): string {
  return value === undefined ? "" : `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function size(bytes: number | undefined): string {
  if (!bytes) return "";
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Of a whole that is known. */
function part(bytes: number | undefined, of: number | undefined): string {
  return of ? `${size(bytes) || "0"} of ${size(of)} · ${Math.floor(((bytes ?? 0) / of) * 100)} %` : size(bytes);
}

const NAMES: Readonly<Record<string, string>> = {
  auc: "AUC",
  r2: "R²",
  rmse: "RMSE",
  mae: "MAE",
  f1: "F1",
  f1_macro: "macro F1",
  logloss: "log loss",
};

export function metricName(name: string): string {
  return NAMES[name] ?? name;
}

export function metricValue(value: number): string {
  if (Math.abs(value) >= 1000) return number(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 2 : 3);
}
