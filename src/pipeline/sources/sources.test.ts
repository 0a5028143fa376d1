import { chmodSync, mkdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CauceError } from "#core";
import { type DatabaseServer, HAS_MARIADB, HAS_POSTGRES, startMariadb, startPostgres } from "#test/database-servers";
import type { DataSettings } from "../define.ts";
import { gatherSource } from "./index.ts";

let folder: string;
const servers: DatabaseServer[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cauce-sources-"));
  // The servers run as somebody else when the tests run as root, which they refuse.
  chmodSync(folder, 0o777);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

const gather = (data: Partial<DataSettings> & { readonly source: string }) =>
  gatherSource({ target: "y", ...data }, { folder, cache: join(folder, "cache") });

async function textOf(data: Partial<DataSettings> & { readonly source: string }): Promise<string> {
  const [file] = (await gather(data)).files;
  return readFile(file?.file ?? "", "utf8");
}

async function refusal(data: Partial<DataSettings> & { readonly source: string }): Promise<string> {
  const error: unknown = await gather(data).then(
    () => new Error("It was read."),
    (thrown: unknown) => thrown,
  );
  if (error instanceof CauceError)
    return `${error.explanation.code}: ${error.explanation.why} ${error.explanation.fix}`;
  throw error;
}

describe("files and folders", () => {
  it("refuses a sheet of what has none, and the absence of a header where columns have names", async () => {
    await writeFile(join(folder, "plain.csv"), "x,y\n1,2\n");
    await writeFile(join(folder, "rows.json"), '[{"x": 1, "y": 2}]');
    await writeFile(join(folder, "book.xlsx"), "PK\u0003\u0004…");
    const made = new DatabaseSync(join(folder, "made.db"));
    made.exec("CREATE TABLE t (x, y)");
    made.close();
    for (const source of ["plain.csv", "rows.json", "made.db", "postgres://u:p@127.0.0.1:9/none"])
      expect(await refusal({ source, sheet: "One" })).toContain("NotAWorkbook");
    for (const source of ["rows.json", "made.db", "postgres://u:p@127.0.0.1:9/none"])
      expect(await refusal({ source, header: false })).toContain("ColumnsNamed");
    expect((await gather({ source: "book.xlsx", sheet: "One", header: false })).name).toBe("book.xlsx");
    expect((await gather({ source: "plain.csv", header: false })).name).toBe("plain.csv");
  });

  it("says of a pipe or a device what it is", async () => {
    expect(await refusal({ source: "/dev/null" })).toContain("no file but a pipe or a device");
  });

  it("leaves out of a folder what is written about its tables", async () => {
    mkdirSync(join(folder, "told"));
    for (const name of ["README.md", "LICENSE", "notes.pdf", ".DS_Store"])
      await writeFile(join(folder, "told", name), "a");
    expect(await refusal({ source: "told" })).toContain("a folder without tables");
    await writeFile(join(folder, "told", "license.csv"), "x,y\n1,2\n");
    expect((await gather({ source: "told" })).files.map(({ name }) => name)).toEqual(["license.csv"]);
  });

  it("knows a folder by the content of all its files", async () => {
    mkdirSync(join(folder, "months"));
    await writeFile(join(folder, "months", "b.csv"), "x,y\n1,2\n");
    await writeFile(join(folder, "months", "a.csv"), "x,y\n3,4\n");
    const source = await gather({ source: "months" });
    expect(source).toMatchObject({ name: "months", folder: true, files: [{ name: "a.csv" }, { name: "b.csv" }] });
    await writeFile(join(folder, "months", "a.csv"), "x,y\n3,5\n");
    expect((await gather({ source: "months" })).sha256).not.toBe(source.sha256);
  });

  it("takes files that are named one by one, of any folders", async () => {
    mkdirSync(join(folder, "years"));
    await writeFile(join(folder, "years", "a.csv"), "x,y\n7,8\n");
    const months = await gather({ source: "months/b.csv", more: ["months/a.csv"] });
    expect(months).toMatchObject({ name: "b.csv", folder: true, files: [{ name: "b.csv" }, { name: "a.csv" }] });
    const alike = await gather({ source: "months/a.csv", more: ["years/a.csv"] });
    expect(alike.files.map(({ name }) => name)).toEqual(["1-a.csv", "2-a.csv"]);
    expect(await refusal({ source: "months/a.csv", more: ["months/c.csv"] })).toContain("Did you mean months/a.csv?");
    expect(await refusal({ source: "months/a.csv", more: ["years"] })).toContain("SourcesMixed");
    expect(await refusal({ source: "months/a.csv", more: ["s3://bucket/key"] })).toContain("SourcesMixed");
  });

  it("refuses a table's name where there is no database, and a file that is not there", async () => {
    expect(await refusal({ source: "months/a.csv", table: "t" })).toContain("NotADatabase");
    expect(await refusal({ source: "months/c.csv" })).toContain("Did you mean months/a.csv?");
  });
});

describe("SQLite", () => {
  it("reads the only table, the one named, or a query, exactly and without writing", async () => {
    const file = join(folder, "shop.db");
    const database = new DatabaseSync(file);
    database.exec(`CREATE TABLE orders (id INTEGER, y TEXT, note TEXT);
      INSERT INTO orders VALUES (9007199254740993, '007', 'a "b", c'), (2, NULL, 'two' || char(10) || 'lines');`);
    expect(await textOf({ source: "shop.db" })).toBe(
      '"id","y","note"\n"9007199254740993","007","a ""b"", c"\n"2","","two\nlines"\n',
    );
    database.exec('CREATE TABLE "other one" (y INTEGER)');
    database.close();
    expect(await refusal({ source: "shop.db" })).toContain("Its tables are: orders, other one.");
    expect(await refusal({ source: "shop.db", table: "ordres" })).toContain('no table "ordres"');
    expect(await refusal({ source: "shop.db", table: "other one" })).toContain("TableEmpty");
    expect(await textOf({ source: "shop.db", query: "SELECT id AS i FROM orders WHERE id < 3" })).toBe('"i"\n"2"\n');
    expect(await refusal({ source: "shop.db", query: "SELECT absent FROM orders" })).toContain("no such column");
    expect(await refusal({ source: "shop.db", query: "DELETE FROM orders RETURNING id" })).toContain("readonly");
  });
});

describe.runIf(HAS_POSTGRES)("PostgreSQL", () => {
  let url: string;
  beforeAll(async () => {
    const server = await startPostgres(folder);
    servers.push(server);
    url = server.url;
    const client = await server.connect();
    await client.query(`CREATE TABLE orders (id BIGINT, paid BOOLEAN, at TIMESTAMPTZ, price NUMERIC(9,2), y TEXT);
      INSERT INTO orders VALUES (9007199254740993, true, '2024-01-31 10:00+02', 1.50, 'ñandú'), (2, false, NULL, 2, 'b')`);
    await client.query("CREATE SCHEMA other; CREATE TABLE other.more (y INT)");
    await client.query("CREATE TABLE many AS SELECT g AS x, g % 3 AS y FROM generate_series(1, 12000) g");
    await client.end();
  }, 60_000);

  it("reads a table or a query as it is", async () => {
    expect(await textOf({ source: url, table: "orders" })).toBe(
      '"id","paid","at","price","y"\n"9007199254740993","true","2024-01-31 08:00:00+00","1.50","ñandú"\n"2","false","","2.00","b"\n',
    );
    expect((await textOf({ source: url, table: "many" })).split("\n")).toHaveLength(12_002);
    expect(await textOf({ source: url, query: "SELECT id FROM orders WHERE id = 2;" })).toBe('"id"\n"2"\n');
  });

  it("names the tables, and never the password", async () => {
    expect(await refusal({ source: url })).toContain("Its tables are: other.more, many, orders.");
    expect(await refusal({ source: url, query: "SELECT * FROM nowhere" })).toContain(
      'relation "nowhere" does not exist',
    );
    expect(await refusal({ source: url, query: "WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d" })).toMatch(
      /DatabaseRefused/,
    );
    const gone = await gather({ source: "postgres://ann:s3cret@127.0.0.1:1/x" }).catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(CauceError);
    expect(JSON.stringify((gone as CauceError).explanation)).not.toContain("s3cret");
  });
});

describe.runIf(HAS_MARIADB)("MySQL", () => {
  it("reads a table or a query as it is, and names the tables", async () => {
    const server = await startMariadb(folder);
    servers.push(server);
    const client = await server.connect();
    await client.query("CREATE TABLE shop.orders (id BIGINT, at DATETIME, price DECIMAL(9,2), y TEXT)");
    await client.query(
      "INSERT INTO shop.orders VALUES (9007199254740993, '2024-01-31 10:00:00', 1.5, 'ñandú'), (2, NULL, 2, 'b')",
    );
    await client.end();
    const source = server.url;
    expect(await textOf({ source })).toBe(
      '"id","at","price","y"\n"9007199254740993","2024-01-31 10:00:00","1.50","ñandú"\n"2","","2.00","b"\n',
    );
    expect(await textOf({ source, query: "SELECT id FROM orders WHERE id = 2" })).toBe('"id"\n"2"\n');
    expect(await refusal({ source, table: "ordres" })).toContain("Its tables are: orders.");
    expect(await refusal({ source: source.replace("s3cret", "wr0ng") })).toMatch(/Access denied/);
  }, 90_000);
});
