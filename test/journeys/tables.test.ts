import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { writeXlsx } from "hucre/xlsx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, startServerProcess } from "#test/cauce-process";

/** The penguins of Palmer Station (CC0), as every kind of table that `up` takes. */
describe("a table becomes a URL, without a project", { timeout: 90_000 }, () => {
  let user: CauceHome;

  beforeAll(async () => {
    user = await startServerProcess();
    const csv = readFileSync(join(import.meta.dirname, "penguins.csv"), "utf8");
    const rows = csv
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const [header = [], ...cells] = rows;
    const records = cells.map((row) =>
      Object.fromEntries(header.map((name, at) => [name, row[at] === "NA" ? null : numberOr(row[at] ?? "")])),
    );
    const file = (name: string) => join(user.work, name);
    writeFileSync(file("penguins.csv"), csv);
    writeFileSync(file("penguins.tsv"), rows.map((row) => `${row.join("\t")}\n`).join(""));
    writeFileSync(file("penguins.json"), JSON.stringify(records));
    writeFileSync(file("penguins.ndjson"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    const values = [header, ...records.map((record) => header.map((name) => record[name] ?? null))];
    writeFileSync(file("penguins.xlsx"), await writeXlsx({ sheets: [{ name: "Penguins", rows: values }] }));
    writeFileSync(file("no header.csv"), csv.slice(csv.indexOf("\n") + 1));
    const database = await DuckDBInstance.create();
    const connection = await database.connect();
    const quoted = (name: string) => `'${file(name).replaceAll("'", "''")}'`;
    await connection.run(
      `COPY (SELECT * FROM read_csv(${quoted("penguins.csv")}, nullstr='NA')) TO ${quoted("penguins.parquet")}`,
    );
    connection.closeSync();
  });
  afterAll(() => user[Symbol.asyncDispose]());

  const gentoo = { island: "Biscoe", bill_length_mm: 47, bill_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };

  it.each(["csv", "xlsx", "parquet"])("classes, from .%s", async (ending) => {
    const said = await up(user, `penguins.${ending}`, "species", `classes-${ending}`);
    expect(said).toMatchObject({
      project: `classes-${ending}`,
      task: "multiclass",
      rows: 344,
      metrics: { accuracy: expect.any(Number), f1_macro: expect.any(Number), logloss: expect.any(Number) },
    });
    expect((said["metrics"] as { accuracy: number }).accuracy).toBeGreaterThan(0.9);
    const answer = (await ask(said, gentoo)) as { prediction: string; probabilities: Record<string, number> };
    expect(answer.prediction).toBe("Gentoo");
    expect(Object.keys(answer.probabilities).sort()).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
  });

  it.each(["tsv", "json", "ndjson"])("numbers, from .%s", async (ending) => {
    const said = await up(user, `penguins.${ending}`, "body_mass_g", `numbers-${ending}`);
    expect(said).toMatchObject({
      task: "regression",
      // Two penguins were not weighed: set aside, and counted.
      rows: 344,
      metrics: { r2: expect.any(Number), rmse: expect.any(Number), mae: expect.any(Number) },
    });
    const { body_mass_g: _, ...unweighed } = gentoo;
    const answer = (await ask(said, { ...unweighed, species: "Gentoo", sex: "male" })) as { prediction: number };
    expect(answer.prediction).toBeGreaterThan(4500);
    expect(answer.prediction).toBeLessThan(6000);
    expect(Object.keys(answer)).toEqual(["prediction"]);
  });

  it("two classes, by a word of the command line, in a file with a space and without a header", async () => {
    const { lines, code, stderr } = await user.cauce([
      "up",
      "no header.csv",
      "--predict",
      "6",
      "--no-header",
      "--json",
    ]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines.at(-1)).toMatchObject({ task: "binary", target: "6", metrics: { auc: expect.any(Number) } });
  });

  it("says what to do about a table that cannot become a URL", async () => {
    const said = async (...args: string[]) => {
      const { code, lines } = await user.cauce(["up", ...args, "--json"]);
      const { error } = lines.at(-1) as { error: { code: string; what: string; why: string; fix: string } };
      expect(error).toMatchObject({ what: expect.stringMatching(/\S/), fix: expect.stringMatching(/\S/) });
      return { code, said: `${error.what} ${error.why} ${error.fix}` };
    };
    expect(await said("penguins.csv", "--predict", "specie")).toEqual({
      code: 1,
      said: expect.stringContaining("species"),
    });
    expect(await said("penguin.csv", "--predict", "species")).toMatchObject({ code: 1 });
    expect(await said("penguins.csv")).toEqual({ code: 1, said: expect.stringContaining("--predict") });
    writeFileSync(join(user.work, "empty.csv"), "");
    expect(await said("empty.csv", "--predict", "x")).toMatchObject({ code: 1 });
    writeFileSync(join(user.work, "constant.csv"), `a,b\n${"1,yes\n".repeat(50)}`);
    expect(await said("constant.csv", "--predict", "b")).toMatchObject({ code: 1 });
    writeFileSync(join(user.work, "three.csv"), "a,b\n1,yes\n2,no\n3,yes\n");
    expect(await said("three.csv", "--predict", "b")).toMatchObject({ code: 1 });
    writeFileSync(join(user.work, "picture.xlsx"), Buffer.from("not a workbook"));
    expect(await said("picture.xlsx", "--predict", "b")).toMatchObject({ code: 1 });
  });
});

function numberOr(text: string): string | number {
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

async function up(user: CauceHome, table: string, target: string, name: string): Promise<Record<string, unknown>> {
  const { code, lines, stderr } = await user.cauce(["up", table, "--predict", target, "--name", name, "--json"]);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return lines.at(-1) ?? {};
}

async function ask(said: Record<string, unknown>, record: object): Promise<unknown> {
  const answer = await fetch(String(said["url"]), { method: "POST", body: JSON.stringify(record) });
  expect(answer.status).toBe(200);
  return answer.json();
}
