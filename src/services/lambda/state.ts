import { table } from "#kernel";

export interface FunctionRow {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeout: number;
  readonly memorySize: number;
  readonly ephemeralStorage: number;
  readonly architecture: "x86_64" | "arm64";
  readonly environment: Readonly<Record<string, string>>;
  /** Where it logs when not to `/aws/lambda/<name>`. */
  readonly logGroup?: string;
  /** Kept and shown: a function reaches what this machine reaches. */
  readonly vpc?: { readonly subnets: readonly string[]; readonly groups: readonly string[] };
  readonly code: CodeRef;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: number;
  readonly modified: number;
  readonly revision: string;
  /** Changes with what a running worker was started from: code or configuration. */
  readonly generation: string;
  /** The statements of its resource policy. */
  readonly policy: readonly PolicyStatement[];
  readonly reservedConcurrency?: number;
  readonly eventInvoke?: EventInvokeConfig;
  /** `Pending` while the runtime it needs is being made. */
  readonly state: "Active" | "Pending" | "Failed";
  readonly stateReason?: string;
}

export interface CodeRef {
  /** Of the zip, hexadecimal: also the name of the folder that it was unpacked to. */
  readonly sha256: string;
  readonly size: number;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: string | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface EventInvokeConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeInSeconds?: number;
  readonly modified: number;
}

/** A package that functions use, whatever their region. */
export interface CodeRow {
  readonly sha256: string;
  readonly blob: string;
  readonly size: number;
  /** ARNs of the functions that use it. */
  readonly users: readonly string[];
}

/** An asynchronous invocation that is not done yet. */
export interface EventRow {
  readonly id: string;
  readonly region: string;
  readonly functionName: string;
  /** Base64. */
  readonly payload: string;
  readonly received: number;
  /** How often the function has failed on it. */
  readonly failures: number;
  /** Not before this time. */
  readonly due: number;
}

export const tables = {
  // Every invocation asks for its function.
  functions: table<FunctionRow>({ cached: true }),
  code: table<CodeRow>({ scope: "account" }),
  events: table<EventRow>({ scope: "account" }),
};

export type LambdaTables = typeof tables;
