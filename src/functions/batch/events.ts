import type { ModelDoor } from "./model-door.ts";
import type { Caller } from "#aws";
import type { OutputFormat } from "./formats.ts";

export interface BatchSettings {
  /** Whom rows are asked of that the job could not answer. */
  readonly door: ModelDoor;
  readonly temporary: string;
  readonly memoryMegabytes: number;
}

/** A table below `RunUri` becomes requests there. */
export interface ReadEvent {
  readonly Action: "read";
  /** `s3://bucket/project/predictions/run`: everything of one prediction lies below it. */
  readonly RunUri: string;
  /** An object, or a prefix that ends with a slash. */
  readonly SourceUri: string;
  readonly SourceName: string;
  readonly Format: OutputFormat;
  readonly Header: boolean;
  readonly Sheet?: string;
  readonly Decimal?: "," | ".";
  readonly Dates?: "day-first" | "month-first";
  readonly Missing?: readonly string[];
}

/** The job has answered; table and answers become one file. */
export interface WriteEvent {
  readonly Action: "write";
  readonly RunUri: string;
  readonly Format: OutputFormat;
  /** Why the job did not answer every request, when it did not. */
  readonly FailureReason?: string;
}

/** One surroundings for both halves: the object store, a folder of ours, what may be used. */
export interface BatchContext extends BatchSettings {
  readonly aws: Caller;
  readonly folder: string;
}
