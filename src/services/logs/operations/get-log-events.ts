import type { Handlers } from "#kernel";
import { comparePositions, type LogEvent, newestFirst, oldestFirst, type Position, type Span } from "../event-log.ts";
import { invalidToken } from "../faults.ts";
import { digits, type LogsTables } from "../state.ts";
import { requireGroupOf } from "./log-groups.ts";
import { requireStream } from "./log-streams.ts";

/** AWS: as many as fit into 1 MB, at most 10,000. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;

export const getLogEvents = {
  GetLogEvents(input, ctx) {
    const group = requireGroupOf(ctx, input);
    const stream = requireStream(ctx, group.name, input.logStreamName);
    const token = parseToken(input.nextToken);
    const forward = token ? token.forward : (input.startFromHead ?? false);
    const span = { from: input.startTime ?? 0, to: input.endTime ?? Number.MAX_SAFE_INTEGER };
    const walk = (forward ? oldestFirst : newestFirst)(ctx.tables, stream, token ? beyond(token, span) : span);
    const page = take(walk, input.limit ?? MAX_EVENTS, (event) => {
      if (!token) return true;
      const side = comparePositions(event.position, token.at);
      return forward ? side >= 0 : side < 0;
    });
    if (!forward) page.reverse();
    const begin = page[0]?.position ?? token?.at ?? { timestamp: 0, sequence: 0, index: 0 };
    const last = page.at(-1)?.position;
    return {
      events: page.map(({ timestamp, message, ingested }) => ({ timestamp, message, ingestionTime: ingested })),
      // AWS: at the end of the stream the token that was given comes back.
      nextForwardToken: formatToken("f", last ? { ...last, index: last.index + 1 } : begin),
      nextBackwardToken: formatToken("b", begin),
    };
  },
} satisfies Handlers<"logs", LogsTables>;

/** The part of a span that a token leaves. */
function beyond({ forward, at }: Token, span: Span): Span {
  return forward
    ? { ...span, from: Math.max(span.from, at.timestamp) }
    : { ...span, to: Math.min(span.to, at.timestamp + 1) };
}

function take(events: Iterable<LogEvent>, limit: number, wanted: (event: LogEvent) => boolean): LogEvent[] {
  const page: LogEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (!wanted(event)) continue;
    bytes += Buffer.byteLength(event.message) + 26;
    if (page.length > 0 && bytes > MAX_BYTES) break;
    page.push(event);
    if (page.length >= limit) break;
  }
  return page;
}

interface Token {
  readonly forward: boolean;
  readonly at: Position;
}

/** A token is a gap between two events: `f` reads on from it, `b` reads back from it. */
function formatToken(direction: "f" | "b", at: Position): string {
  return `${direction}/${digits(at.timestamp, 20)}${digits(at.sequence, 18)}${digits(at.index, 18)}/s`;
}

function parseToken(token: string | undefined): Token | undefined {
  if (token === undefined) return undefined;
  const [, direction, timestamp, sequence, index] = /^([fb])\/(\d{20})(\d{18})(\d{18})\/s$/.exec(token) ?? [];
  if (!direction) throw invalidToken();
  return {
    forward: direction === "f",
    at: { timestamp: Number(timestamp), sequence: Number(sequence), index: Number(index) },
  };
}
