import type { Question } from "./question.ts";
import { type Cell, chooseTable, quoteName } from "./snapshot.ts";

const BOOLEAN = 16;
const AT_ONCE = 5000;

/** The rows as PostgreSQL writes them, in a transaction that cannot write. */
export async function* postgresRows(data: Question, shown: string): AsyncGenerator<readonly Cell[]> {
  const { default: pg } = await import("pg");
  const types = {
    getTypeParser: (type: number) => (text: string | null) =>
      type === BOOLEAN ? (text === null ? null : text === "t" ? "true" : "false") : text,
  };
  const client = new pg.Client({
    connectionString: withPassword(data),
    connectionTimeoutMillis: 10_000,
    types: types as never,
  });
  // A server that goes away makes the query fail too, which is what is reported.
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("BEGIN READ ONLY");
    await client.query("SET LOCAL DateStyle = 'ISO'; SET LOCAL TimeZone = 'UTC'");
    const sql = data.query ?? `SELECT * FROM ${await tableOf(client, data.table, shown)}`;
    await client.query(`DECLARE cauce NO SCROLL CURSOR FOR ${sql.replace(/;\s*$/, "")}`);
    for (let first = true; ; first = false) {
      const answer = await client.query({ text: `FETCH ${AT_ONCE} FROM cauce`, rowMode: "array" });
      if (first) yield answer.fields.map((field) => field.name);
      yield* answer.rows as readonly Cell[][];
      if (answer.rows.length < AT_ONCE) return;
    }
  } finally {
    await client.end();
  }
}

/** The driver takes the address's password, and its lack, before any other. */
function withPassword({ source, password = process.env["PGPASSWORD"] }: Question): string {
  const url = new URL(source);
  if (url.password === "" && password !== undefined) url.password = encodeURIComponent(password);
  return url.toString();
}

async function tableOf(
  client: { query(text: string): Promise<{ readonly rows: readonly Record<string, unknown>[] }> },
  said: string | undefined,
  shown: string,
): Promise<string> {
  const { rows } = await client.query(
    "SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2",
  );
  const tables = rows.map((row) => ({ schema: String(row["s"]), table: String(row["t"]) }));
  const names = tables.map(({ schema, table }) => (schema === "public" ? table : `${schema}.${table}`));
  const found = tables[names.indexOf(chooseTable(names, said, shown))];
  return `${quoteName(found?.schema ?? "public")}.${quoteName(found?.table ?? "")}`;
}
