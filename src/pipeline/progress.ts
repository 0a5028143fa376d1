import type { StepName } from "./steps.ts";

/** What `up` and `run` tell while they work. Rendering is the command line's business. */
export interface Progress {
  readonly step: StepName;
  readonly state: "running" | "done" | "cached" | "failed" | "waiting";
  readonly facts: Facts;
  /** Seconds since the step began. */
  readonly elapsed: number;
}

/** Known when they are there. */
export interface Facts {
  readonly source?: string;
  /** The project's own script, of a step that runs one. */
  readonly program?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly train?: number;
  readonly test?: number;
  readonly features?: number;
  readonly setAside?: readonly SetAside[];
  /** Trees grown so far, or in the end. */
  readonly rounds?: number;
  readonly ofRounds?: number;
  readonly metric?: string;
  /** Of the validation part while training, of the test part afterwards. */
  readonly score?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly passed?: boolean;
  /** A sentence: why the gate passed or refused, why a step failed, what pip is doing. */
  readonly message?: string;
  readonly version?: number;
  readonly approval?: string;
  readonly endpoint?: string;
  /** How the model is served. */
  readonly on?: "endpoint" | "serverless" | "lambda";
  readonly instances?: number;
  /** Of an endpoint that is scaled. */
  readonly mostInstances?: number;
  /** In MB. */
  readonly memory?: number;
  /** The function that the model is inside of. */
  readonly functionName?: string;
  readonly instanceType?: string;
  readonly status?: string;
  readonly file?: string;
  readonly bytes?: number;
  /** Of all that is sent. */
  readonly ofBytes?: number;
  /** How many were sent. */
  readonly files?: number;
  readonly resources?: number;
  readonly ofResources?: number;
  /** Rows to be answered. */
  readonly ofRows?: number;
}

export interface SetAside {
  readonly column: string;
  readonly reason: string;
  readonly message: string;
}

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly column?: string;
}

export type OnProgress = (progress: Progress) => void;

export interface WatchOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** The project's own scripts, by the step that runs them. */
  readonly programs?: Readonly<Partial<Record<StepName, string>>>;
}
