import { type BatchRow, batchKey, batchPrefix, digits, type LogsState, type LogStreamRow } from "./state.ts";

export interface LogEvent {
  readonly position: Position;
  readonly timestamp: number;
  readonly ingested: number;
  readonly message: string;
}

/** Where an event stands in its stream: by time, then by arrival. */
export interface Position {
  readonly timestamp: number;
  readonly sequence: number;
  readonly index: number;
}

export interface Span {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const PAGE = 32;

export function comparePositions(a: Position, b: Position): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence || a.index - b.index;
}

/**
 * The events of a stream within a span, oldest first. Batches are kept by their first time and may overlap, so an event is
 * given out once no batch that is still to be read can hold an earlier one.
 */
export function* oldestFirst(state: LogsState, stream: LogStreamRow, span: Span): Generator<LogEvent, undefined> {
  const waiting: LogEvent[] = [];
  for (const batch of batches(state, stream, { ...span, from: span.from - stream.span }, "ascending")) {
    yield* release(waiting, (event) => event.timestamp < batch.first);
    collect(waiting, batch, span, comparePositions);
  }
  yield* release(waiting, () => true);
}

/** The same, newest first: a batch further back can reach as far as the longest one does. */
export function* newestFirst(state: LogsState, stream: LogStreamRow, span: Span): Generator<LogEvent, undefined> {
  const waiting: LogEvent[] = [];
  for (const batch of batches(state, stream, { ...span, from: span.from - stream.span }, "descending")) {
    yield* release(waiting, (event) => event.timestamp > batch.first + stream.span);
    collect(waiting, batch, span, (a, b) => comparePositions(b, a));
  }
  yield* release(waiting, () => true);
}

function* release(waiting: LogEvent[], ready: (event: LogEvent) => boolean): Generator<LogEvent> {
  let given = 0;
  for (const event of waiting) {
    if (!ready(event)) break;
    given++;
    yield event;
  }
  waiting.splice(0, given);
}

function collect(waiting: LogEvent[], batch: BatchRow, span: Span, order: (a: Position, b: Position) => number): void {
  batch.events.forEach(([timestamp, message], index) => {
    if (timestamp < span.from || timestamp >= span.to) return;
    waiting.push({
      position: { timestamp, sequence: batch.sequence, index },
      timestamp,
      ingested: batch.ingested,
      message,
    });
  });
  waiting.sort((a, b) => order(a.position, b.position));
}

function* batches(
  state: LogsState,
  stream: LogStreamRow,
  span: Span,
  order: "ascending" | "descending",
): Generator<BatchRow> {
  const prefix = batchPrefix(stream.group, stream.name);
  let after = batchKey(stream, span.from, 0);
  let before = batchKey(stream, span.to, 0);
  for (;;) {
    const page = state.batches.list({ prefix, after, before, order, limit: PAGE });
    for (const { key, row } of page) {
      yield row;
      if (order === "ascending") after = key;
      else before = key;
    }
    if (page.length < PAGE) return;
  }
}

/** AWS: 56 digits, unique, growing with time. */
export function eventId(stream: LogStreamRow, at: Position): string {
  return digits(at.timestamp, 15) + stream.id + digits(at.sequence, 15) + digits(at.index, 10);
}
