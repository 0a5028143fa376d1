import type { Clients } from "#aws";
import type { DataSettings } from "../define.ts";
import type { Names } from "../names.ts";
import type { WatchOptions } from "../progress.ts";
import type { Serving } from "./serving.ts";

export type PredictionFormat = "csv" | "tsv" | "json" | "ndjson" | "parquet" | "xlsx";

export interface PredictRequest {
  /** The table, as in a project's `data`. */
  readonly data: Pick<DataSettings, "source" | "sheet" | "table" | "query" | "header">;
  /** What its path is relative to. */
  readonly folder: string;
  /** Ours, for what is read out of a database. */
  readonly cache: string;
  /** A file's path, or `s3://bucket/key`. */
  readonly out: string;
  readonly format: PredictionFormat;
}

/** One prediction under way. */
export interface Run {
  readonly aws: Clients;
  readonly names: Names;
  readonly serving: Serving;
  readonly id: string;
  /** Where everything of it lies. */
  readonly uri: string;
  readonly options: WatchOptions;
}
