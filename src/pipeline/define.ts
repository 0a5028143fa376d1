/**
 * A project, as a person writes it in `cauce.config.ts`. Everything but the table and its target has a default.
 *
 * @example
 * ```ts
 * import { defineProject } from "cauce";
 * export default defineProject({ name: "churn", data: { source: "data/customers.xlsx", target: "Churn" } });
 * ```
 */
export interface Project {
  /** Lower-case letters, digits and hyphens, at most 32: the name of the stack, the endpoint, the pipeline. */
  readonly name: string;
  readonly data: DataSettings;
  /** Where `up` brings it when `--to` does not say. Default `embedded`. */
  readonly target?: "embedded" | "aws" | "ec2";
  readonly prepare?: PrepareSettings;
  readonly train?: TrainSettings;
  readonly evaluate?: EvaluateSettings;
  /** `automatic` (default): a model that passes the gate is deployed. `manual`: it waits for a person. */
  readonly approve?: "automatic" | "manual";
  readonly deploy?: DeploySettings;
  readonly api?: ApiSettings;
  /** Put on every resource that takes tags. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface DataSettings {
  /**
   * The table: .csv .tsv .txt .data .xlsx .xls .parquet .json .ndjson (or any of them gzipped), .sqlite .db, or a folder of files that
   * are read together, by a path relative to the project's folder; `s3://bucket/key` or `s3://bucket/folder/`;
   * `postgres://user:password@host/database` or `mysql://…`.
   */
  readonly source: string;
  /** Further files with the same columns: they and `source` are one table. */
  readonly more?: readonly string[];
  /** The column to predict. */
  readonly target: string;
  /** Guessed from the target: text, booleans or at most 10 distinct integers are classes, otherwise a number. */
  readonly task?: "binary" | "multiclass" | "regression";
  /** With two classes: the one whose probability is meant by AUC and F1. Default: the second by order, or what looks like "yes". */
  readonly positive?: string | number | boolean;
  /** Columns that the model must not see. */
  readonly ignore?: readonly string[];
  /** Of an Excel file; default: the first sheet that holds a table. */
  readonly sheet?: string;
  /** `false` when the first row is data already: columns are then `0`, `1`, …. Default `true`. */
  readonly header?: boolean;
  /** Of a database; default: the only one. */
  readonly table?: string;
  /** Of a database, instead of a table: a SELECT. */
  readonly query?: string;
  /**
   * Of a database server: the name or the ARN of a secret in Secrets Manager with its password, alone or as `password` (and `username`) in
   * JSON. The Extract function then reads the server, each time the pipeline runs; `source` has no password.
   */
  readonly secret?: string;
  /** With `secret`: where the server is reached from. */
  readonly vpc?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] };
  /** What stands between the values of a text, where the guess is wrong. `blanks`: runs of them. */
  readonly separator?: "," | ";" | "\t" | "|" | "blanks";
  /** Of a text, where the guess is wrong, e.g. `windows-1252`. */
  readonly encoding?: string;
  /** What stands before the decimals of numbers, where the guess is wrong. */
  readonly decimal?: "," | ".";
  /** How 01/02/2024 is meant. */
  readonly dates?: "day-first" | "month-first";
  /** What stands for no value, beside blanks, NA, ? and the like, e.g. `["-1", "unknown"]`. When given, no number such as -200 is guessed to be one. */
  readonly missing?: readonly string[];
}

export interface PrepareSettings {
  /** A processing script of your own, run before `train.script`: it reads the table below /opt/ml/processing/input and writes `outputs`. */
  readonly script?: string;
  /** The folders below /opt/ml/processing that it writes, each a channel of the training. Default `["train", "validation"]`. */
  readonly outputs?: readonly string[];
  /** The part of the rows that training never sees. Default 0.2. */
  readonly testFraction?: number;
  /** Decides the split. Default 0. */
  readonly seed?: number;
  /** What a column is, where the guess is wrong. */
  readonly features?: Readonly<Record<string, { readonly kind: FeatureKind }>>;
}

export type FeatureKind = "number" | "category" | "boolean" | "datetime" | "time" | "text";

export interface TrainSettings {
  /** A training script of your own (SageMaker's script mode), relative to the project's folder. Its folder goes with it: `inference.py`, `requirements.txt`. */
  readonly script?: string;
  /** Default `xgboost`. */
  readonly algorithm?: "xgboost";
  /** Another image than AWS's `sagemaker-xgboost:3.2-0`. */
  readonly image?: string;
  /** Of the jobs. Default `ml.m5.large`. */
  readonly type?: string;
  /** Default 60. */
  readonly maxMinutes?: number;
  /** Of XGBoost, and `rounds`, `early_stopping_rounds`, `refit`; of a script: what it takes, given as `--name value`. */
  readonly hyperparameters?: Readonly<Record<string, string | number | boolean>>;
}

export interface EvaluateSettings {
  /** Default: `auc` for two classes, `accuracy` for more, `r2` for numbers. */
  readonly metric?: Metric;
  /** The model must reach it (`auc accuracy f1 f1_macro r2`). Default: `auc` 0.7, `r2` 0.1, `accuracy` better than always guessing the most frequent class. */
  readonly atLeast?: number;
  /** The model must not exceed it (`logloss rmse mae`). */
  readonly atMost?: number;
}

export type Metric = "auc" | "accuracy" | "f1" | "f1_macro" | "r2" | "logloss" | "rmse" | "mae";

export interface DeploySettings {
  /**
   * How the model is served. `endpoint` (default): instances that run. `serverless`: a SageMaker endpoint that runs while it is asked.
   * `lambda`: the model inside the function behind the URL, scored natively: no endpoint, nothing that runs idle.
   */
  readonly on?: "endpoint" | "serverless" | "lambda";
  /** Of an endpoint. Default 1. Between two numbers it is scaled, by `invocationsPerInstance`. */
  readonly instances?: number | { readonly min: number; readonly max: number };
  /** Of an endpoint that is scaled: the requests a minute that one instance shall have (SageMakerVariantInvocationsPerInstance). */
  readonly invocationsPerInstance?: number;
  /** Of an endpoint. Default `ml.m5.large`. */
  readonly type?: string;
  /** Of an endpoint: it is removed when nobody has asked it for so long, such as `8 hours`, and brought back when somebody does. */
  readonly maxIdle?: string;
  /** In MB. With `serverless` 1024, 2048, … 6144 (default 2048), with `lambda` 128 to 10240 (default 512). */
  readonly memory?: number;
  /** With `serverless`: requests that are answered at the same time, at most 200. Default 5. */
  readonly concurrency?: number;
}

export interface ApiSettings {
  /** Default `/predict`. */
  readonly path?: string;
  /** Default `prod`. */
  readonly stage?: string;
  /** Origins whose pages may call the URL. Default `["*"]`; `[]` for none. */
  readonly cors?: readonly string[];
  /** What becomes of a field that the model does not know. Default `refuse`. */
  readonly unknownFields?: "refuse" | "ignore";
}

/** Gives a project its type; it changes nothing. */
export function defineProject(project: Project): Project {
  return project;
}
