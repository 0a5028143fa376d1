import { formatArn, parseArn } from "#core";
import type { Context, Handlers } from "#kernel";
import { groupExists, groupNotFound, invalidParameter, notBuilt } from "../faults.ts";
import { afterToken, nextToken } from "../page-token.ts";
import { batchPrefix, type LogGroupRow, type LogsTables, streamKey } from "../state.ts";

const PAGE = 50;
/** AWS: the days that PutRetentionPolicy takes, from its documentation. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logGroups = {
  CreateLogGroup(input, ctx) {
    if (input.kmsKeyId !== undefined) throw notBuilt("kmsKeyId");
    if (input.deletionProtectionEnabled) throw notBuilt("deletionProtectionEnabled");
    if (input.logGroupClass !== undefined && input.logGroupClass !== "STANDARD")
      throw notBuilt(`The log group class ${input.logGroupClass}`);
    const name = input.logGroupName;
    if (ctx.tables.groups.get(name)) throw groupExists();
    ctx.tables.groups.put(name, { name, created: ctx.now().getTime(), tags: { ...input.tags } });
    if (!ctx.tables.regions.get(ctx.region)) ctx.tables.regions.put(ctx.region, { region: ctx.region });
    return {};
  },

  DescribeLogGroups(input, ctx) {
    if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
      throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    const limit = input.limit ?? PAGE;
    const wanted = matcher(input);
    const after = afterToken(input.nextToken);
    const found = ctx.tables.groups
      .list({
        ...(input.logGroupNamePrefix !== undefined && { prefix: input.logGroupNamePrefix }),
        ...(after !== undefined && { after }),
      })
      .map(({ row }) => row)
      .filter(wanted);
    const page = found.slice(0, limit);
    return {
      logGroups: page.map((row) => toLogGroup(row, ctx)),
      ...nextToken(found.length > limit ? page.at(-1)?.name : undefined),
    };
  },

  DeleteLogGroup(input, ctx) {
    requireGroup(ctx, input.logGroupName);
    ctx.kernel.transaction(() => {
      for (const { row } of ctx.tables.streams.list({ prefix: streamKey(input.logGroupName, "") }))
        deleteStream(ctx, row.group, row.name);
      ctx.tables.groups.delete(input.logGroupName);
    });
    return {};
  },

  PutRetentionPolicy(input, ctx) {
    const group = requireGroup(ctx, input.logGroupName);
    const days = input.retentionInDays;
    if (!RETENTION_DAYS.includes(days)) {
      const allowed = `[${RETENTION_DAYS.join(", ")}]`;
      throw invalidParameter(
        `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: ${allowed}`,
      );
    }
    ctx.tables.groups.put(group.name, { ...group, retentionInDays: days });
    return {};
  },

  DeleteRetentionPolicy(input, ctx) {
    const { retentionInDays: _, ...rest } = requireGroup(ctx, input.logGroupName);
    ctx.tables.groups.put(rest.name, rest);
    return {};
  },
} satisfies Handlers<"logs", LogsTables>;

export function requireGroup(ctx: Context<LogsTables>, name: string): LogGroupRow {
  const group = ctx.tables.groups.get(name);
  if (!group) throw groupNotFound();
  return group;
}

/** By the name or by the identifier (a name or an ARN): exactly one of the two. */
export function requireGroupOf(
  ctx: Context<LogsTables>,
  input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): LogGroupRow {
  const { logGroupName: name, logGroupIdentifier: identifier } = input;
  if (name !== undefined && identifier !== undefined)
    throw invalidParameter("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  if (name === undefined && identifier === undefined)
    throw invalidParameter("Either LogGroup name or LogGroup ARN must be specified.");
  return requireGroup(ctx, name ?? groupNameOf(identifier ?? ""));
}

/** The name in `arn:aws:logs:region:account:log-group:name[:*]`, or the text itself. */
export function groupNameOf(identifier: string): string {
  const resource = parseArn(identifier)?.resource;
  return resource === undefined ? identifier : resource.replace(/^log-group:/, "").replace(/:\*$/, "");
}

export function deleteStream(ctx: Context<LogsTables>, group: string, name: string): void {
  const prefix = batchPrefix(group, name);
  for (;;) {
    const batches = ctx.tables.batches.list({ prefix, limit: 100 });
    if (batches.length === 0) break;
    for (const { key } of batches) ctx.tables.batches.delete(key);
  }
  ctx.tables.streams.delete(streamKey(group, name));
}

function matcher(input: {
  logGroupNamePattern?: string | undefined;
  logGroupIdentifiers?: string[] | undefined;
}): (row: LogGroupRow) => boolean {
  const pattern = input.logGroupNamePattern?.toLowerCase();
  const names = input.logGroupIdentifiers && new Set(input.logGroupIdentifiers.map(groupNameOf));
  return (row) =>
    (pattern === undefined || row.name.toLowerCase().includes(pattern)) && (names === undefined || names.has(row.name));
}

function toLogGroup(row: LogGroupRow, ctx: Context<LogsTables>) {
  const logGroupArn = formatArn({
    service: "logs",
    region: ctx.region,
    account: ctx.account,
    resource: `log-group:${row.name}`,
  });
  const stored = ctx.tables.streams
    .list({ prefix: streamKey(row.name, "") })
    .reduce((sum, { row: stream }) => sum + stream.bytes, 0);
  return {
    logGroupName: row.name,
    creationTime: row.created,
    ...(row.retentionInDays !== undefined && { retentionInDays: row.retentionInDays }),
    metricFilterCount: 0,
    arn: `${logGroupArn}:*`,
    logGroupArn,
    storedBytes: stored,
    logGroupClass: "STANDARD" as const,
  };
}
