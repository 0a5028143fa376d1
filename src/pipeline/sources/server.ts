import { CauceError } from "#core";
import type { DataSettings } from "../define.ts";
import type { Source } from "./source.ts";
import { mysqlRows } from "./mysql.ts";
import { postgresRows } from "./postgres.ts";
import { refused, snapshot } from "./snapshot.ts";

/** Whether a source is the address of a database server. */
export function isServer(source: string): boolean {
  return /^(postgres|postgresql|mysql|mariadb):\/\//i.test(source);
}

/** A source as it may be shown: without its password. */
export function withoutPassword(source: string): string {
  return source.replace(/^([a-z0-9]+:\/\/[^/@:]*):[^@/]*@/i, "$1@");
}

/**
 * A table or a query of a server, read from here: the password stays on this machine, in no template and in no bucket.
 * docs/decisions/0013-databases-are-read-where-you-stand.md
 */
export async function readServer(data: DataSettings, { cache }: { readonly cache: string }): Promise<Source> {
  const shown = withoutPassword(data.source);
  if (!URL.canParse(data.source)) {
    throw new CauceError({
      code: "SourceMissing",
      what: `${shown} cannot be read.`,
      why: "It is not an address.",
      fix: "Write it as postgres://user:password@host:5432/database; signs such as @ in a password as %40.",
    });
  }
  const name = data.query === undefined ? (data.table ?? "table") : "query";
  const rows = /^(mysql|mariadb):/i.test(data.source) ? mysqlRows(data, shown) : postgresRows(data, shown);
  try {
    return await snapshot(rows, name.replaceAll(/[^A-Za-z0-9_.-]+/g, "-"), cache);
  } catch (error) {
    if (error instanceof CauceError) throw error;
    throw refused(
      shown,
      error,
      "Check the address, the name, the password (PGPASSWORD and MYSQL_PWD are used too), and the query.",
    );
  }
}
