import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { tableKey } from "./table.ts";

let folder: string;
let db: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cauce-tables-"));
  db = openDatabase(join(folder, "state.db"), "full");
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const things = () => db.table<{ n: number }>("things", "a/eu");

describe("rows", () => {
  test("come back as they were put, in the order of their keys", () => {
    for (const [at, key] of ["b", "a", "é", "B", "aa"].entries()) things().put(key, { n: at });
    expect(
      things()
        .list()
        .map(({ key }) => key),
    ).toEqual(["B", "a", "aa", "b", "é"]);
    expect(things().get("é")).toEqual({ n: 2 });
    expect(things().get("nothing")).toBeUndefined();
  });

  test("are listed by prefix, after a key, backwards, up to a limit", () => {
    for (const key of ["a/1", "a/2", "a/3", "b/1"]) things().put(key, { n: 0 });
    const keys = (range: Parameters<ReturnType<typeof things>["list"]>[0]) =>
      things()
        .list(range)
        .map(({ key }) => key);
    expect(keys({ prefix: "a/" })).toEqual(["a/1", "a/2", "a/3"]);
    expect(keys({ prefix: "a/", after: "a/1", limit: 1 })).toEqual(["a/2"]);
    expect(keys({ prefix: "a/", order: "descending" })).toEqual(["a/3", "a/2", "a/1"]);
    expect(things().count("a/")).toBe(3);
  });

  test("of one scope are not seen in another", () => {
    things().put("x", { n: 1 });
    expect(db.table("things", "a/us").get("x")).toBeUndefined();
    expect(db.table("others", "a/eu").get("x")).toBeUndefined();
  });

  test("with a parent are those below its key, and no sibling's", () => {
    things().put(tableKey("bucket", "k"), { n: 1 });
    things().put(tableKey("bucket-2", "k"), { n: 2 });
    expect(things().list({ prefix: tableKey("bucket", "") })).toHaveLength(1);
  });

  test("say whether there was something to delete", () => {
    things().put("x", { n: 1 });
    expect(things().delete("x")).toBe(true);
    expect(things().delete("x")).toBe(false);
  });
});

test("a cached table gives the row that was put last, also by another opening of it, and after a rollback", () => {
  const open = () => db.table<{ n: number }>("kept", "a", { cached: true });
  open().put("x", { n: 1 });
  expect(open().get("x")).toBe(open().get("x"));
  expect(Object.isFrozen(open().get("x"))).toBe(true);
  const change = () => {
    open().put("x", { n: 2 });
    expect(open().get("x")).toEqual({ n: 2 });
    throw new Error("no");
  };
  expect(() => db.transaction(change)).toThrow("no");
  expect(open().get("x")).toEqual({ n: 1 });
  open().delete("x");
  expect(open().get("x")).toBeUndefined();
});

describe("transactions", () => {
  test("keep all or nothing, and join the one around them", () => {
    expect(() =>
      db.transaction(() => {
        things().put("outer", { n: 1 });
        db.transaction(() => things().put("inner", { n: 2 }));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(things().list()).toEqual([]);
    db.transaction(() => things().put("x", { n: 1 }));
    expect(things().get("x")).toEqual({ n: 1 });
  });
});

describe("commits of one moment", () => {
  const put = (key: string, n: number) => db.commit(() => things().put(key, { n }));

  test("are all there when they resolve, with what they gave", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => put(`k${n}`, n).then(() => n)));
    expect(answers).toHaveLength(20);
    expect(things().count()).toBe(20);
    await expect(db.commit(() => things().get("k7"))).resolves.toEqual({ n: 7 });
  });

  test("are undone one by one: what fails takes nobody with it, and each sees those before it", async () => {
    const failing = db.commit(() => {
      things().put("b", { n: 2 });
      throw new Error("no");
    });
    const all = [put("a", 1), failing, db.commit(() => things().list().length), put("c", 3)];
    const ends = await Promise.allSettled(all);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(ends[2]).toMatchObject({ value: 1 });
    expect(things().keys()).toEqual(["a", "c"]);
  });

  test("are one transaction of the file: another reader sees none or all of them", async () => {
    const other = new DatabaseSync(join(folder, "state.db"));
    const seen = () => (other.prepare("SELECT count(*) AS n FROM rows").get() as { n: number }).n;
    const during: number[] = [];
    const all = ["a", "b", "c"].map((key, n) =>
      db.commit(() => {
        things().put(key, { n });
        during.push(seen());
      }),
    );
    await Promise.all(all);
    expect(during).toEqual([0, 0, 0]);
    expect(seen()).toBe(3);
    other.close();
  });

  test("that still wait are done when the database is closed", async () => {
    const waiting = put("last", 1);
    db.close();
    await waiting;
    db = openDatabase(join(folder, "state.db"), "full");
    expect(things().get("last")).toEqual({ n: 1 });
  });
});

test("a table of bytes gives back bytes, apart from rows of the same name", () => {
  const bytes = db.table<Uint8Array>("things", "a/eu", { holds: "bytes" });
  things().put("x", { n: 1 });
  for (const length of [0, 1, 20_000]) {
    bytes.put("x", new Uint8Array(length).fill(7));
    expect(Buffer.from(bytes.get("x") ?? []).equals(Buffer.alloc(length, 7))).toBe(true);
  }
  bytes.put("y", Buffer.from("part of more").subarray(0, 4));
  expect(Buffer.from(bytes.get("y") ?? []).toString()).toBe("part");
  expect(bytes.keys()).toEqual(["x", "y"]);
  expect(bytes.delete("x")).toBe(true);
  expect(bytes.get("x")).toBeUndefined();
  expect(things().get("x")).toEqual({ n: 1 });
});

test("state of a newer version is refused, and untouched", () => {
  const file = join(folder, "newer.db");
  const newer = new DatabaseSync(file);
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  expect(() => openDatabase(file, "full")).toThrow("written by a newer Cauce");
  const again = new DatabaseSync(file);
  expect(again.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
  again.close();
});
