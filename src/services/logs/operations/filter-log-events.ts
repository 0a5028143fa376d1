import type { Context, Handlers } from "#kernel";
import { comparePositions, eventId, type LogEvent, oldestFirst, type Position } from "../event-log.ts";
import { invalidParameter, invalidToken, notBuilt, streamNotFound } from "../faults.ts";
import { parseFilterPattern } from "../filter-pattern.ts";
import type { Matcher } from "../json-pattern.ts";
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
    const after = parsePlace(afterToken(input.nextToken));
    const to = (input.endTime ?? Number.MAX_SAFE_INTEGER - 1) + 1;
    const span = { from: Math.max(input.startTime ?? 0, after?.timestamp ?? 0), to };
    const sources = selectStreams(ctx, group, input)
      .filter((stream) => stream.last !== undefined && stream.last >= span.from && (stream.first ?? 0) < span.to)
      .map((stream) => ({ stream, events: oldestFirst(ctx.tables, stream, span) }));
    const matches = parseFilterPattern(input.filterPattern ?? "");
    const { found, next } = search(merged(sources), { matches, limit: input.limit ?? MAX_EVENTS, after });
    return {
      events: found.map(({ stream, event }) => ({
        logStreamName: stream.name,
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingested,
        eventId: eventId(stream, event.position),
      })),
      // AWS: empty since June 2020.
      searchedLogStreams: [],
      ...nextToken(next && JSON.stringify([next.timestamp, next.sequence, next.index, next.stream])),
    };
  },
} satisfies Handlers<"logs", LogsTables>;

interface Found {
  readonly stream: LogStreamRow;
  readonly event: LogEvent;
}

interface Search {
  readonly matches: Matcher;
  readonly limit: number;
  readonly after: Place | undefined;
}

/** Answers what matches, and where to go on when it stopped before the end. */
function search(events: Iterable<Found>, { matches, limit, after }: Search): { found: Found[]; next?: Place } {
  const found: Found[] = [];
  let [searched, bytes] = [0, 0];
  let last: Place | undefined;
  for (const each of events) {
    const place = { ...each.event.position, stream: each.stream.name };
    if (after && comparePlaces(place, after) <= 0) continue;
    const full = found.length >= limit || searched >= MAX_SEARCHED || bytes >= MAX_BYTES;
    if (full && last) return { found, next: last };
    searched++;
    last = place;
    if (!matches(each.event.message)) continue;
    found.push(each);
    bytes += Buffer.byteLength(each.event.message) + 26;
  }
  return { found };
}

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
function* merged(sources: readonly Source[]): Generator<Found> {
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
