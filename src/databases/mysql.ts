import type { Question } from "./question.ts";
import { type Cell, chooseTable, quoteName } from "./snapshot.ts";

/** The rows as MySQL and MariaDB write them, in a transaction that cannot write. */
export async function* mysqlRows(data: Question, shown: string): AsyncGenerator<readonly Cell[]> {
  const { createConnection } = await import("mysql2");
  const url = new URL(data.source);
  const password = decodeURIComponent(url.password) || (data.password ?? process.env["MYSQL_PWD"]);
  const ssl = tlsOf(url);
  const connection = createConnection({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(password !== undefined && { password }),
    ...(ssl && { ssl }),
    connectTimeout: 10_000,
    dateStrings: true,
    timezone: "Z",
    rowsAsArray: true,
    typeCast: (field) => field.string("utf8"),
  });
  // What goes wrong is reported by the query that it happens to.
  connection.on("error", () => {});
  const ask = connection.promise();
  try {
    await ask.query("SET time_zone = '+00:00'");
    await ask.query("START TRANSACTION READ ONLY");
    const [found] = await ask.query("SHOW TABLES");
    const tables = (found as unknown as readonly string[][]).map(([name]) => String(name));
    const sql = data.query ?? `SELECT * FROM ${quoteName(chooseTable(tables, data.table, shown), "`")}`;
    const query = connection.query(sql);
    const names = new Promise<readonly string[]>((resolve, reject) => {
      query.on("fields", (fields: readonly { readonly name: string }[]) => resolve(fields.map(({ name }) => name)));
      query.on("error", reject);
    });
    names.catch(() => {});
    const rows = query.stream({ highWaterMark: 1000 });
    let first = true;
    for await (const row of rows) {
      if (first) yield await names;
      first = false;
      yield row as readonly Cell[];
    }
    if (first) yield await names;
  } finally {
    connection.destroy();
  }
}

/** `?sslmode=require`, as for PostgreSQL: the server's certificate is checked, but for `no-verify`. */
function tlsOf(url: URL): { readonly rejectUnauthorized: boolean } | undefined {
  const mode = url.searchParams.get("sslmode");
  return mode === null || mode === "disable" ? undefined : { rejectUnauthorized: mode !== "no-verify" };
}
