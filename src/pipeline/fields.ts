import { isRecord } from "#core";
import { minutesIn } from "./serving-way.ts";

/** What a field of a project may be. */
export interface Rule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  readonly required?: boolean;
  readonly fields?: Readonly<Record<string, Rule>>;
}

/** As `train.py` takes them: docs/contracts/steps.md. */
export const HYPERPARAMETERS: readonly string[] = [
  "rounds",
  "early_stopping_rounds",
  "eta",
  "max_depth",
  "min_child_weight",
  "subsample",
  "colsample_bytree",
  "lambda",
  "alpha",
  "gamma",
  "max_cat_to_onehot",
  "max_bin",
  "seed",
  "nthread",
  "refit",
  "mask_weight",
];

const text = (expected = "a text"): Rule => ({ expected, accepts: (v) => typeof v === "string" && v !== "" });
const oneOf = (...values: readonly string[]): Rule => ({
  expected: values.map((v) => JSON.stringify(v)).join(" or "),
  accepts: (v) => typeof v === "string" && values.includes(v),
});
const number = (expected: string, holds: (n: number) => boolean = () => true): Rule => ({
  expected,
  accepts: (v) => typeof v === "number" && Number.isFinite(v) && holds(v),
});
const texts = (expected: string, holds: (text: string) => boolean = () => true): Rule => ({
  expected,
  accepts: (v) => Array.isArray(v) && v.every((e) => typeof e === "string" && holds(e)),
});
const matching = (pattern: RegExp, expected: string): Rule => ({
  expected,
  accepts: (v) => typeof v === "string" && pattern.test(v),
});
const primitive = (v: unknown): boolean => ["string", "number", "boolean"].includes(typeof v);
const group = (rules: Readonly<Record<string, Rule>>, expected: string): Rule => ({
  expected,
  accepts: isRecord,
  fields: rules,
});
const required = (rule: Rule): Rule => ({ ...rule, required: true });
const map = (expected: string, holds: (value: unknown) => boolean): Rule => ({
  expected,
  accepts: (v) => isRecord(v) && Object.values(v).every((inner) => holds(inner)),
});

const isCount = (v: unknown): v is number => typeof v === "number" && Number.isInteger(v) && v >= 1;
const isRange = (v: unknown): boolean =>
  isRecord(v) &&
  Object.keys(v).every((key) => key === "min" || key === "max") &&
  isCount(v["min"]) &&
  isCount(v["max"]) &&
  v["min"] <= v["max"];

/** AWS: of the tags that every service takes; some of the 50 that a resource may have are ours and the service's. Tagging best practices. */
const tags: Rule = {
  expected:
    "at most 40 texts of up to 256 letters, digits, blanks and _.:/=+-@, under names of up to 128 that do not begin with aws: or cauce:",
  accepts: (v) =>
    isRecord(v) &&
    Object.keys(v).length <= 40 &&
    Object.entries(v).every(
      ([name, text]) =>
        /^(?!aws:|cauce:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu.test(name) &&
        typeof text === "string" &&
        /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(text),
    ),
};

const origins = texts("", (o) => o === "*" || /^https?:\/\/[^\s/'"]+$/.test(o));
/** AWS: the variables of a function have 4 KB together. */
const cors: Rule = {
  expected: 'a list of origins such as "https://example.com", of up to 3,000 characters together, or ["*"]',
  accepts: (v) => origins.accepts(v) && (v as readonly string[]).join(" ").length <= 3000,
};

/** AWS: CreateTrainingJob takes 100, of which a project's own script needs two; a name has 256 characters, a value 2,500. */
const hyperparameters: Rule = {
  expected: "an object of at most 98 texts, numbers and booleans, each of up to 2,500 characters",
  accepts: (v) =>
    isRecord(v) &&
    Object.keys(v).length <= 98 &&
    Object.entries(v).every(([name, one]) => name.length <= 256 && primitive(one) && String(one).length <= 2500),
};

function isEncoding(value: unknown): boolean {
  try {
    return typeof value === "string" && new TextDecoder(value).encoding !== "";
  } catch {
    return false;
  }
}

const KINDS = ["number", "category", "boolean", "datetime", "time", "text"];
const script = matching(
  /^(?![/\\])(?!.*\.\.)[\w./ -]*\w\.py$/,
  'the path of a Python script in the project\'s folder, such as "train.py"',
);
const type = matching(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 'an instance type such as "ml.m5.large"');

/** The project's shape, as it is checked when a project is loaded. */
export const fields: Readonly<Record<string, Rule>> = {
  name: required(
    matching(
      /^(?=.{1,32}$)[a-z]([a-z0-9]|-(?=[a-z0-9]))*$/,
      "at most 32 lower-case letters, digits and single hyphens, a letter first",
    ),
  ),
  data: required(
    group(
      {
        source: required(text("the path of a table, or the URL of a database")),
        more: texts("a list of files that are read together with `source`"),
        target: required(text("the name of the column to predict")),
        task: oneOf("binary", "multiclass", "regression"),
        positive: { expected: "a class: a text, a number or a boolean", accepts: primitive },
        ignore: texts("a list of column names"),
        sheet: text("the name of a sheet"),
        header: { expected: "true or false", accepts: (v) => typeof v === "boolean" },
        table: text("the name of a database's table"),
        query: matching(/^\s*(select|with|values|table)\b/i, "a SELECT"),
        secret: matching(
          /^(arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}$/,
          "the name or the ARN of a secret in Secrets Manager",
        ),
        vpc: group(
          {
            subnets: required(
              texts('a list of subnets such as "subnet-0123abcd"', (id) => /^subnet-[0-9a-f]+$/.test(id)),
            ),
            securityGroups: required(
              texts('a list of groups such as "sg-0123abcd"', (id) => /^sg-[0-9a-f]+$/.test(id)),
            ),
          },
          "an object with `subnets` and `securityGroups`",
        ),
        separator: oneOf(",", ";", "\t", "|", "blanks"),
        encoding: { expected: 'an encoding such as "utf-8" or "windows-1252"', accepts: isEncoding },
        decimal: oneOf(",", "."),
        dates: oneOf("day-first", "month-first"),
        missing: texts("a list of texts"),
      },
      "an object with `source` and `target`",
    ),
  ),
  target: oneOf("embedded", "aws", "ec2"),
  prepare: group(
    {
      script,
      outputs: texts("a list of folder names such as train, validation, test", (name) =>
        /^[a-zA-Z0-9_-]{1,40}$/.test(name),
      ),
      testFraction: number("a number between 0.05 and 0.5", (n) => n >= 0.05 && n <= 0.5),
      seed: number("a whole number, 0 or more", (n) => Number.isSafeInteger(n) && n >= 0),
      features: map(`an object such as { zip: { kind: "category" } }, where kind is ${KINDS.join(", ")}`, (v) =>
        isRecord(v) ? Object.keys(v).length === 1 && KINDS.includes(String(v["kind"])) : false,
      ),
    },
    "an object",
  ),
  train: group(
    {
      script,
      algorithm: oneOf("xgboost"),
      image: text("the address of a container image"),
      type,
      maxMinutes: number("a whole number of minutes, 1 to 7200", (n) => Number.isInteger(n) && n >= 1 && n <= 7200),
      hyperparameters,
    },
    "an object",
  ),
  evaluate: group(
    {
      metric: oneOf("auc", "accuracy", "f1", "f1_macro", "r2", "logloss", "rmse", "mae"),
      atLeast: number("a number"),
      atMost: number("a number"),
    },
    "an object",
  ),
  approve: oneOf("automatic", "manual"),
  deploy: group(
    {
      on: oneOf("endpoint", "serverless", "lambda"),
      instances: {
        expected: "a whole number, 1 or more, or { min: 1, max: 4 }",
        accepts: (v) => isCount(v) || isRange(v),
      },
      invocationsPerInstance: number("a number of requests a minute, above 0", (n) => n > 0),
      type,
      maxIdle: {
        expected: 'a time of at most 30 days such as "45 minutes", "8 hours" or "2 days"',
        accepts: (v) => minutesIn(v) !== undefined,
      },
      memory: number("a whole number of megabytes", Number.isInteger),
      concurrency: number("a whole number from 1 to 200", (n) => Number.isInteger(n) && n >= 1 && n <= 200),
    },
    "an object",
  ),
  api: group(
    {
      path: matching(/^(\/[a-zA-Z0-9._-]+)+$/, 'a path such as "/predict"'),
      stage: matching(/^[a-zA-Z0-9_-]{1,128}$/, 'a name such as "prod"'),
      cors,
      unknownFields: oneOf("refuse", "ignore"),
    },
    "an object",
  ),
  tags,
};
