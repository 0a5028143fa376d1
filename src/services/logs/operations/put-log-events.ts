import type { Handlers } from "#kernel";
import { invalidParameter } from "../faults.ts";
import { batchKey, type LogGroupRow, type LogsTables, streamKey } from "../state.ts";
import { requireGroup } from "./log-groups.ts";
import { requireStream, sequenceToken } from "./log-streams.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** AWS: what an event costs besides its text, and the most that one request may carry. */
const EVENT_OVERHEAD = 26;
const MAX_BATCH = 1_048_576;

export const putLogEvents = {
  PutLogEvents(input, ctx) {
    const group = requireGroup(ctx, input.logGroupName);
    const stream = requireStream(ctx, group.name, input.logStreamName);
    const now = ctx.now().getTime();
    const bytes = assertBatch(input.logEvents);
    const { accepted, rejected } = sift(input.logEvents, group, now);
    const [earliest] = accepted;
    const latest = accepted.at(-1);
    if (earliest === undefined || latest === undefined)
      return { nextSequenceToken: sequenceToken(stream), ...rejected };

    const [first, last] = [earliest.timestamp, latest.timestamp];
    const updated = {
      ...stream,
      first: Math.min(stream.first ?? first, first),
      last: Math.max(stream.last ?? last, last),
      ingested: now,
      bytes: stream.bytes + bytes,
      next: stream.next + 1,
      span: Math.max(stream.span, last - first),
    };
    ctx.kernel.transaction(() => {
      ctx.tables.batches.put(batchKey(stream, first, stream.next), {
        sequence: stream.next,
        first,
        last,
        ingested: now,
        events: accepted.map(({ timestamp, message }) => [timestamp, message]),
      });
      ctx.tables.streams.put(streamKey(stream.group, stream.name), updated);
    });
    return { nextSequenceToken: sequenceToken(updated), ...rejected };
  },
} satisfies Handlers<"logs", LogsTables>;

interface Event {
  readonly timestamp: number;
  readonly message: string;
}

/** AWS: order, span and size are the caller's to keep; from PutLogEvents's documentation. Gives the size. */
function assertBatch(events: readonly Event[]): number {
  let bytes = 0;
  let previous = -Infinity;
  for (const { timestamp, message } of events) {
    if (timestamp < previous)
      throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
    previous = timestamp;
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD;
  }
  if (bytes > MAX_BATCH) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH}`);
  if (previous - (events[0]?.timestamp ?? previous) > DAY) {
    throw invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
  return bytes;
}

/** AWS: events too old, expired or too far ahead are left out, and the answer says which. */
function sift(events: readonly Event[], group: LogGroupRow, now: number) {
  const expiry = group.retentionInDays === undefined ? -Infinity : now - group.retentionInDays * DAY;
  const tooOld = countWhile(events, ({ timestamp }) => timestamp < now - 14 * DAY);
  const expired = countWhile(events, ({ timestamp }) => timestamp < expiry);
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + 2 * HOUR);
  const info = {
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  const accepted = events.slice(Math.max(tooOld, expired), tooNew < 0 ? undefined : tooNew);
  return { accepted, rejected: Object.keys(info).length > 0 ? { rejectedLogEventsInfo: info } : {} };
}

function countWhile(events: readonly Event[], test: (event: Event) => boolean): number {
  const end = events.findIndex((event) => !test(event));
  return end < 0 ? events.length : end;
}
