import { type OpenTables, table, tableKey } from "#kernel";

export interface LogGroupRow {
  readonly name: string;
  /** Milliseconds since the epoch, as every time here. */
  readonly created: number;
  readonly retentionInDays?: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStreamRow {
  readonly group: string;
  readonly name: string;
  /** Digits: tells this stream from an earlier one of the same name in the ids of events. */
  readonly id: string;
  readonly created: number;
  readonly first?: number;
  readonly last?: number;
  readonly ingested?: number;
  readonly bytes: number;
  /** The number of the next batch. */
  readonly next: number;
  /** The longest time that one batch covers: how far readers must look around. */
  readonly span: number;
}

/** What one PutLogEvents brought: in the order of time. */
export interface BatchRow {
  readonly sequence: number;
  readonly first: number;
  readonly last: number;
  readonly ingested: number;
  readonly events: readonly (readonly [timestamp: number, message: string])[];
}

export const tables = {
  groups: table<LogGroupRow>({ durability: "relaxed" }),
  streams: table<LogStreamRow>({ durability: "relaxed" }),
  batches: table<BatchRow>({ durability: "relaxed" }),
  /** Where there are log groups, for the work that goes over all of them. */
  regions: table<{ readonly region: string }>({ scope: "account", durability: "relaxed" }),
};

export type LogsTables = typeof tables;
export type LogsState = OpenTables<LogsTables>;

export const streamKey = (group: string, stream: string): string => tableKey(group, stream);
export const batchPrefix = (group: string, stream: string): string => tableKey(group, stream, "");

/** Sorts by time, then by arrival. */
export function batchKey(
  stream: { readonly group: string; readonly name: string },
  first: number,
  sequence: number,
): string {
  return tableKey(stream.group, stream.name, digits(first, 15) + digits(sequence, 12));
}

export function digits(value: number, width: number): string {
  return String(Math.max(0, value)).padStart(width, "0");
}
