import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll } from "vitest";
import { CauceError } from "#core";
import type { ReadOptions } from "./readers/reader.ts";
import { readTable } from "./table.ts";

export let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cauce-messy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Reads files as Extract does; answers what the tests look at. */
export async function read(
  contents: Files,
  options: Partial<ReadOptions> & { readonly memoryMegabytes?: number } = {},
) {
  const work = await mkdtemp(join(folder, "w-"));
  const files = await Promise.all(
    Object.entries(contents).map(async ([name, content], i) => {
      const file = join(work, `source-${i}`);
      await writeFile(file, content);
      return { file, name };
    }),
  );
  const request = { files, name: "t", folder: work, memoryMegabytes: 1024, header: true, ...options };
  const { parquet, profile } = await readTable(request);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const answer = await connection.runAndReadAll(`SELECT * FROM read_parquet('${parquet}')`);
  connection.closeSync();
  const names = profile.columns.map(({ name }) => name);
  const kinds = profile.columns.map(({ kind }) => kind);
  const formats = Object.fromEntries(profile.columns.flatMap(({ name, format }) => (format ? [[name, format]] : [])));
  return {
    names,
    kinds,
    formats,
    rows: answer.getRowObjectsJson(),
    notes: (profile.notes ?? []).join("\n"),
    how: profile.how,
  };
}

export async function refusal(
  contents: Files,
  options: Partial<ReadOptions> & { readonly memoryMegabytes?: number } = {},
) {
  const error: unknown = await read(contents, options).then(
    () => new Error("It was read."),
    (thrown: unknown) => thrown,
  );
  if (error instanceof CauceError) return `${error.explanation.code}: ${error.explanation.why}`;
  throw error;
}
