import { type DuckDBConnection, DuckDBListType, DuckDBStructType, type DuckDBType } from "@duckdb/node-api";
import { literal, quote } from "../profile.ts";
import { columnNames } from "./column-names.ts";

/** Makes a plain table of `loaded`: the rows inside of one object are its rows, an object's fields are columns of their own. */
export async function level(connection: DuckDBConnection): Promise<readonly string[]> {
  const inside = await rowsInside(connection);
  if (inside !== undefined) await replace(connection, `SELECT unnest(${quote(inside)}, max_depth := 2) FROM loaded`);
  const columns = await columnsOf(connection);
  const nested = columns.filter(({ type }) => type instanceof DuckDBStructType).map(({ name }) => name);
  if (nested.length > 0) {
    const flat = columns.flatMap(fieldsOf);
    const names = columnNames(flat.map(({ name }) => name));
    const selected = flat.map(({ sql }, i) => `${sql} AS ${quote(names[i] ?? "")}`);
    await replace(connection, `SELECT ${selected.join(", ")} FROM loaded`);
  }
  return [
    ...(inside === undefined ? [] : [`The rows are those in ${JSON.stringify(inside)}.`]),
    ...nested.map(
      (name) => `${JSON.stringify(name)}: its fields are columns of their own, such as ${like(columns, name)}.`,
    ),
  ];
}

interface Column {
  readonly name: string;
  readonly type: DuckDBType;
}

/** What many services answer: one object, one member of which is the list of rows. */
async function rowsInside(connection: DuckDBConnection): Promise<string | undefined> {
  const lists = (await columnsOf(connection)).filter(
    ({ type }) => type instanceof DuckDBListType && type.valueType instanceof DuckDBStructType,
  );
  if (lists.length !== 1) return undefined;
  const [row = {}] = (await connection.runAndReadAll("SELECT count(*)::DOUBLE AS n FROM loaded")).getRowObjectsJson();
  return row["n"] === 1 ? lists[0]?.name : undefined;
}

async function columnsOf(connection: DuckDBConnection): Promise<readonly Column[]> {
  const result = await connection.runAndReadAll("SELECT * FROM loaded LIMIT 0");
  const types = result.columnTypes();
  return result.columnNames().flatMap((name, i) => (types[i] === undefined ? [] : [{ name, type: types[i] }]));
}

interface Field extends Column {
  readonly sql: string;
}

function fieldsOf({ name, type, sql = quote(name) }: Column & { readonly sql?: string }): readonly Field[] {
  if (!(type instanceof DuckDBStructType)) return [{ name, type, sql }];
  return type.entryNames.flatMap((entry, i) => {
    const inner = type.entryTypes[i];
    const within = `struct_extract(${sql}, ${literal(entry)})`;
    return inner === undefined ? [] : fieldsOf({ name: `${name}.${entry}`, type: inner, sql: within });
  });
}

function like(columns: readonly Column[], name: string): string {
  const [first] = columns.filter((column) => column.name === name).flatMap(fieldsOf);
  return JSON.stringify(first?.name);
}

async function replace(connection: DuckDBConnection, sql: string): Promise<void> {
  await connection.run(`CREATE TABLE levelled AS ${sql}`);
  await connection.run("DROP TABLE loaded; ALTER TABLE levelled RENAME TO loaded");
}
