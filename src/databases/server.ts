import { CauceError } from "#core";
import { mysqlRows } from "./mysql.ts";
import { postgresRows } from "./postgres.ts";
import type { Question } from "./question.ts";
import { refused, type Snapshot, snapshot } from "./snapshot.ts";

/** Whether a source is the address of a database server. */
export function isServer(source: string): boolean {
  return /^(postgres|postgresql|mysql|mariadb):\/\//i.test(source);
}

/** A source as it may be shown: without its password. */
export function withoutPassword(source: string): string {
  return source.replace(/^([a-z0-9]+:\/\/[^/@:]*):[^@/]*@/i, "$1@");
}

/** What a table or a query of a server is called once it is read. */
export function snapshotName({ table, query }: Pick<Question, "table" | "query">): string {
  return (query === undefined ? (table ?? "table") : "query").replaceAll(/[^A-Za-z0-9_.-]+/g, "-");
}

/** A table or a query of a server, as a text with commas in this folder. docs/decisions/0013-databases-are-read-where-you-stand.md */
export async function readServer(question: Question, folder: string, fix: string): Promise<Snapshot> {
  const shown = withoutPassword(question.source);
  if (!URL.canParse(question.source)) {
    throw new CauceError({
      code: "SourceMissing",
      what: `${shown} cannot be read.`,
      why: "It is not an address.",
      fix: "Write it as postgres://user:password@host:5432/database; signs such as @ in a password as %40.",
    });
  }
  const rows = /^(mysql|mariadb):/i.test(question.source) ? mysqlRows(question, shown) : postgresRows(question, shown);
  try {
    return await snapshot(rows, snapshotName(question), folder);
  } catch (error) {
    if (error instanceof CauceError) throw error;
    throw refused(shown, error, fix);
  }
}
