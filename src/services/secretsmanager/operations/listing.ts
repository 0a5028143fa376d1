import type { Handlers } from "#kernel";
import { invalidToken, notBuilt } from "../faults.ts";
import { forgetDeleted } from "../find.ts";
import { secretKey, type SecretRow, type SecretsTables, versionsOf } from "../state.ts";
import { stagesById } from "../versions.ts";
import { described } from "./secrets.ts";

const PAGE = 100;

interface Filter {
  readonly Key?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

export const listing = {
  ListSecrets(input, ctx) {
    if (input.SortBy !== undefined && input.SortBy !== "name") throw notBuilt(`SortBy ${input.SortBy}`);
    forgetDeleted(ctx);
    const after = input.NextToken === undefined ? undefined : readToken(input.NextToken);
    const rows = ctx.tables.secrets
      .list({ prefix: secretKey(ctx.region, "") })
      .map(({ row }) => row)
      .filter((row) => input.IncludePlannedDeletion || !row.deletion)
      .filter((row) => (input.Filters ?? []).every((filter) => fits(row, filter)));
    if (input.SortOrder === "desc") rows.reverse();
    const start = after === undefined ? 0 : rows.findIndex(({ name }) => name === after) + 1;
    const page = rows.slice(start, start + (input.MaxResults ?? PAGE));
    const last = page.at(-1);
    return {
      SecretList: page.map((row) => {
        const { VersionIdsToStages: _ids, ...shown } = described(ctx, row);
        return { ...shown, SecretVersionsToStages: stagesById(versionsOf(ctx, row)) };
      }),
      ...(last && start + page.length < rows.length && { NextToken: Buffer.from(last.name).toString("base64url") }),
    };
  },
} satisfies Handlers<"secretsmanager", SecretsTables>;

/** AWS: a filter holds when one of its values does; `!` turns a value around, and all but descriptions are compared from their beginning. */
function fits(row: SecretRow, { Key: key = "all", Values: values = [] }: Filter): boolean {
  const texts = textsOf(row, key);
  return values.some((value) => {
    const wanted = value.replace(/^!/, "").toLowerCase();
    const found = texts.some((text) => text.toLowerCase().startsWith(wanted));
    return value.startsWith("!") ? !found : found;
  });
}

function textsOf(row: SecretRow, key: string): readonly string[] {
  const by: Readonly<Record<string, readonly string[]>> = {
    name: [row.name],
    description: (row.description ?? "").split(/\s+/),
    "tag-key": Object.keys(row.tags),
    "tag-value": Object.values(row.tags),
  };
  if (key === "all") return Object.values(by).flat();
  const texts = by[key];
  if (!texts) throw notBuilt(`A filter by ${key}`);
  return texts;
}

function readToken(token: string): string {
  const name = Buffer.from(token, "base64url").toString();
  if (Buffer.from(name).toString("base64url") !== token || name === "") throw invalidToken();
  return name;
}
