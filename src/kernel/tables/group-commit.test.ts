import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, test } from "vitest";
import { createGroupCommit } from "./group-commit.ts";

test("a full file fails all who share the commit, and nobody who comes later", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cauce-group-"));
  const db = new DatabaseSync(join(folder, "small.db"));
  db.exec("CREATE TABLE things (doc TEXT); PRAGMA max_page_count = 4");
  let undone = 0;
  const group = createGroupCommit(db, {
    transaction(work) {
      db.exec("BEGIN IMMEDIATE");
      const result = work();
      db.exec("COMMIT");
      return result;
    },
    undone: () => undone++,
  });
  const put = (length: number) =>
    group.add(() => db.prepare("INSERT INTO things VALUES (?)").run("x".repeat(length)).changes);
  const ends = await Promise.allSettled([put(10), put(100_000), put(10)]);
  const before = db.prepare("SELECT count(*) AS n FROM things").get() as { n: number };
  const acknowledged = ends.filter(({ status }) => status === "fulfilled").length;
  expect(ends[1]).toMatchObject({ status: "rejected", reason: { message: expect.stringContaining("full") as string } });
  expect(before.n).toBe(acknowledged);
  if (db.isTransaction) db.exec("ROLLBACK");
  await expect(put(10)).resolves.toBe(1);
  expect(db.prepare("SELECT count(*) AS n FROM things").get()).toEqual({ n: acknowledged + 1 });
  db.close();
  rmSync(folder, { recursive: true });
});
