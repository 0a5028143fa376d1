import { formatArn } from "#core";
import type { Context, Handlers } from "#kernel";
import { invalidParameter, invalidToken, streamExists, streamNotFound } from "../faults.ts";
import { afterToken, nextToken } from "../page-token.ts";
import { digits, type LogStreamRow, type LogsTables, streamKey } from "../state.ts";
import { deleteStream, requireGroup, requireGroupOf } from "./log-groups.ts";

const PAGE = 50;

export const logStreams = {
  CreateLogStream(input, ctx) {
    const group = requireGroup(ctx, input.logGroupName);
    const key = streamKey(group.name, input.logStreamName);
    if (ctx.tables.streams.get(key)) throw streamExists();
    ctx.tables.streams.put(key, {
      group: group.name,
      name: input.logStreamName,
      id: ctx.kernel.ids.token(16, "0123456789"),
      created: ctx.now().getTime(),
      bytes: 0,
      next: 1,
      span: 0,
    });
    return {};
  },

  DescribeLogStreams(input, ctx) {
    const group = requireGroupOf(ctx, input);
    const byTime = input.orderBy === "LastEventTime";
    if (byTime && input.logStreamNamePrefix !== undefined) {
      throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    const sign = input.descending ? -1 : 1;
    const rank = byTime ? rankByTime : (row: LogStreamRow) => row.name;
    const found = ctx.tables.streams
      .list({ prefix: streamKey(group.name, input.logStreamNamePrefix ?? "") })
      .map(({ row }) => ({ row, rank: rank(row) }))
      .sort((a, b) => (a.rank < b.rank ? -sign : sign));
    const limit = input.limit ?? PAGE;
    const from = startOf(found, afterToken(input.nextToken), sign);
    const page = found.slice(from, from + limit);
    return {
      logStreams: page.map(({ row }) => toLogStream(row, ctx)),
      ...nextToken(from + limit < found.length ? page.at(-1)?.rank : undefined),
    };
  },

  DeleteLogStream(input, ctx) {
    requireGroup(ctx, input.logGroupName);
    requireStream(ctx, input.logGroupName, input.logStreamName);
    deleteStream(ctx, input.logGroupName, input.logStreamName);
    return {};
  },
} satisfies Handlers<"logs", LogsTables>;

export function requireStream(ctx: Context<LogsTables>, group: string, name: string): LogStreamRow {
  const stream = ctx.tables.streams.get(streamKey(group, name));
  if (!stream) throw streamNotFound();
  return stream;
}

/** AWS: a stream without events sorts by when it was made. */
function rankByTime(row: LogStreamRow): string {
  return `${digits(row.last ?? row.created, 15)} ${row.name}`;
}

function startOf(found: readonly { readonly rank: string }[], after: string | undefined, sign: number): number {
  if (after === undefined) return 0;
  const index = found.findIndex(({ rank }) => (sign > 0 ? rank > after : rank < after));
  if (after === "") throw invalidToken();
  return index < 0 ? found.length : index;
}

function toLogStream(row: LogStreamRow, ctx: Context<LogsTables>) {
  const resource = `log-group:${row.group}:log-stream:${row.name}`;
  return {
    logStreamName: row.name,
    creationTime: row.created,
    ...(row.first !== undefined && { firstEventTimestamp: row.first }),
    ...(row.last !== undefined && { lastEventTimestamp: row.last }),
    ...(row.ingested !== undefined && { lastIngestionTime: row.ingested }),
    uploadSequenceToken: sequenceToken(row),
    arn: formatArn({ service: "logs", region: ctx.region, account: ctx.account, resource }),
    // AWS: always 0 since 2019.
    storedBytes: 0,
  };
}

/** AWS: still answered, no longer asked for. */
export function sequenceToken(row: LogStreamRow): string {
  return `4${row.id}${digits(row.next, 15)}${row.id}`.slice(0, 56);
}
