import type { Context, Handlers } from "#kernel";
import { comparePositions, eventId, type LogEvent, oldestFirst, type Position } from "../event-log.ts";
import { invalidParameter, invalidToken, notBuilt, streamNotFound } from "../faults.ts";
import { parseFilterPattern } from "../filter-pattern.ts";
import { afterToken, nextToken } from "../page-token.ts";
import { type LogGroupRow, type LogStreamRow, type LogsTables, streamKey } from "../state.ts";
import { requireGroupOf } from "./log-groups.ts";

const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;
/** How many events one call looks at before it answers with a token, matches or not. */
const MAX_SEARCHED = 100_000;

export const filterLogEvents = {
  FilterLogEvents(input, ctx) {
    if (input.startFromHead === false) throw notBuilt("startFromHead false");
    const group = requireGroupOf(ctx, input);
    const matches = parseFilterPattern(input.filterPattern ?? "");
    const after = parsePlace(afterToken(input.nextToken));
    const span = {
      from: Math.max(input.startTime ?? 0, after?.timestamp ?? 0),
      to: (input.endTime ?? Number.MAX_SAFE_INTEGER - 1) + 1,
    };
    const streams = selectStreams(ctx, group, input).filter(
      (stream) => (stream.last ?? -1) >= span.from && (stream.first ?? 0) < span.to,
    );
    const limit = input.limit ?? MAX_EVENTS;
    const found: (LogEvent & { stream: LogStreamRow })[] = [];
    let [searched, bytes] = [0, 0];
    let last: Place | undefined;
    let more = false;
    for (const { stream, event } of merged(
      streams.map((each) => ({ stream: each, events: oldestFirst(ctx.tables, each, span) })),
    )) {
      const place = { ...event.position, stream: stream.name };
      if (after && comparePlaces(place, after) <= 0) continue;
      if (found.length >= limit || searched >= MAX_SEARCHED || bytes >= MAX_BYTES) {
        more = true;
        break;
      }
      searched++;
      last = place;
      if (!matches(event.message)) continue;
      found.push({ ...event, stream });
      bytes += Buffer.byteLength(event.message) + 26;
    }
    return {
      events: found.map(({ stream, position, timestamp, message, ingested }) => ({
        logStreamName: stream.name,
        timestamp,
        message,
        ingestionTime: ingested,
        eventId: eventId(stream, position),
      })),
      // AWS: empty since June 2020.
      searchedLogStreams: [],
      ...nextToken(more && last ? JSON.stringify([last.timestamp, last.sequence, last.index, last.stream]) : undefined),
    };
  },
} satisfies Handlers<"logs", LogsTables>;

interface Selection {
  logStreamNames?: string[] | undefined;
  logStreamNamePrefix?: string | undefined;
}

function selectStreams(
  ctx: Context<LogsTables>,
  group: LogGroupRow,
  { logStreamNames: names, logStreamNamePrefix: prefix }: Selection,
): LogStreamRow[] {
  if (names !== undefined && prefix !== undefined)
    throw invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
  if (names === undefined)
    return ctx.tables.streams.list({ prefix: streamKey(group.name, prefix ?? "") }).map(({ row }) => row);
  return [...new Set(names)].map((name) => {
    const stream = ctx.tables.streams.get(streamKey(group.name, name));
    if (!stream) throw streamNotFound();
    return stream;
  });
}

interface Source {
  readonly stream: LogStreamRow;
  readonly events: Iterator<LogEvent, undefined>;
}

/** The events of many streams in one order. */
function* merged(sources: readonly Source[]): Generator<{ stream: LogStreamRow; event: LogEvent }> {
  const heads: { source: Source; event: LogEvent; place: Place }[] = [];
  const insert = (source: Source) => {
    const { value: event } = source.events.next();
    if (!event) return;
    const place = { ...event.position, stream: source.stream.name };
    let low = 0;
    let high = heads.length;
    // The next one to give out is last, so that taking it costs nothing.
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = heads[middle];
      if (other && comparePlaces(other.place, place) > 0) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { source, event, place });
  };
  for (const source of sources) insert(source);
  for (let head = heads.pop(); head; head = heads.pop()) {
    yield { stream: head.source.stream, event: head.event };
    insert(head.source);
  }
}

type Place = Position & { readonly stream: string };

function comparePlaces(a: Place, b: Place): number {
  return a.timestamp - b.timestamp || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : comparePositions(a, b));
}

function parsePlace(text: string | undefined): Place | undefined {
  if (text === undefined) return undefined;
  const [, timestamp, sequence, index, stream] = /^\[(\d+),(\d+),(\d+),(".*")\]$/.exec(text) ?? [];
  if (stream === undefined) throw invalidToken();
  return {
    timestamp: Number(timestamp),
    sequence: Number(sequence),
    index: Number(index),
    stream: JSON.parse(stream) as string,
  };
}
