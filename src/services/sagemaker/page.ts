import { type Page, pageOfRows } from "#kernel";
import { validation } from "./faults.ts";

/** What the List calls of SageMaker have in common. */
export interface Query {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly CreationTimeAfter?: Date | undefined;
  readonly CreationTimeBefore?: Date | undefined;
  readonly LastModifiedTimeAfter?: Date | undefined;
  readonly LastModifiedTimeBefore?: Date | undefined;
  readonly NameContains?: string | undefined;
  readonly StatusEquals?: string | undefined;
  readonly SortBy?: string | undefined;
  readonly SortOrder?: string | undefined;
}

/** What a row is found and sorted by. Times are milliseconds since the epoch, or as ISO 8601. */
export interface Listed {
  readonly name: string;
  readonly status?: string;
  readonly created: number | string;
  readonly modified?: number | string;
}

/** The part of a list that was asked for. AWS: by the time of creation, newest first, ten at a time, unless the request says. */
export function pageOf<Row>(rows: readonly Row[], query: Query, describe: (row: Row) => Listed): Page<Row> {
  const found = rows.map((row) => ({ row, ...describe(row) })).filter((one) => fits(one, query));
  const key = KEYS[query.SortBy ?? ""] ?? "created";
  found.sort((a, b) => compare(a[key] ?? "", b[key] ?? ""));
  if (query.SortOrder !== "Ascending") found.reverse();
  return pageOfRows(
    found.map(({ row }) => row),
    { token: query.NextToken, most: query.MaxResults ?? 10, refuse },
  );
}

const KEYS: Readonly<Record<string, "name" | "status">> = {
  Name: "name",
  PipelineExecutionArn: "name",
  Status: "status",
};

function fits({ name, status, created, modified }: Listed, query: Query): boolean {
  const { NameContains: part, StatusEquals: wanted } = query;
  return (
    (part === undefined || name.toLowerCase().includes(part.toLowerCase())) &&
    (wanted === undefined || status === wanted) &&
    within(created, query.CreationTimeAfter, query.CreationTimeBefore) &&
    within(modified ?? created, query.LastModifiedTimeAfter, query.LastModifiedTimeBefore)
  );
}

function within(time: number | string, after: Date | undefined, before: Date | undefined): boolean {
  if (after === undefined && before === undefined) return true;
  const at = new Date(time).getTime();
  return (after === undefined || at > after.getTime()) && (before === undefined || at < before.getTime());
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** AWS: the sentence as other implementations of ListTrainingJobs quote it. */
function refuse(token: string) {
  return validation(`Invalid pagination token because "${token}" was not given by this List call.`);
}
