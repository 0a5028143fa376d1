import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { DuckDBInstance } from "@duckdb/node-api";
import { readXlsx, writeXlsx } from "hucre/xlsx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, startServerProcess } from "#test/cauce-process";

const csv = readFileSync(join(import.meta.dirname, "penguins.csv"), "utf8").trimEnd();
const [header = "", ...lines] = csv.split("\n");
const names = header.split(",");
const rows = lines.map((line) => line.split(",").map((cell) => (cell === "NA" ? null : cell)));

interface Said {
  readonly out: string;
  readonly rows: number;
  readonly errors: number;
  readonly added: readonly string[];
  readonly notes: readonly string[];
  readonly error?: { readonly code: string; readonly why: string };
}

interface Answer {
  readonly prediction: string;
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The penguins of Palmer Station (CC0): what a batch transform job says of them must be what the URL says. */
describe("a whole table is predicted", { timeout: 120_000 }, () => {
  let user: CauceHome;
  let url: string;
  let truth: readonly Answer[];
  const file = (name: string) => join(user.work, name);

  const predict = async (...args: string[]): Promise<Said & { readonly code: number | string }> => {
    const { code, lines: said, stderr } = await user.cauce(["predict", ...args, "--json"]);
    if (said.length === 0) throw new Error(stderr);
    return { ...(said.at(-1) as unknown as Said), code };
  };

  beforeAll(async () => {
    user = await startServerProcess();
    writeFileSync(file("penguins.csv"), `${csv}\n`);
    const { lines: said, stderr } = await user.cauce(["up", "penguins.csv", "--predict", "species", "--json"]);
    url = String(said.at(-1)?.["url"] ?? stderr);
    const records = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])));
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(records) });
    truth = (await answer.json()) as readonly Answer[];
    expect(truth).toHaveLength(rows.length);
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("CSV in and out: every cell as it was, behind it what the URL says", async () => {
    const said = await predict("penguins.csv");
    expect(said).toMatchObject({ code: 0, out: "penguins-predictions.csv", rows: 344, errors: 0 });
    const [head = "", ...found] = readFileSync(file("penguins-predictions.csv"), "utf8").trimEnd().split("\n");
    const classes = Object.keys(truth[0]?.probabilities ?? {});
    expect(head).toBe([header, "prediction", "probability", ...classes.map((one) => `probability_${one}`)].join(","));
    // A probability is a number, however it is written: 6.3e-05 is 0.000063.
    const told = found
      .map((line) => line.split(","))
      .map((cells) => [
        cells.slice(0, names.length).join(","),
        cells[names.length],
        ...cells.slice(names.length + 1).map(Number),
      ]);
    expect(told).toEqual(
      truth.map(({ prediction, probabilities }, i) => [
        lines[i],
        prediction,
        probabilities[prediction],
        ...classes.map((one) => probabilities[one]),
      ]),
    );
    // Nothing is written over: neither the table nor what was predicted before.
    expect((await predict("penguins.csv")).out).toBe("penguins-predictions-2.csv");
    expect(readFileSync(file("penguins.csv"), "utf8")).toBe(`${csv}\n`);
  });

  it("a workbook in and out, with numbers that are numbers", async () => {
    const cells = rows.map((row) =>
      row.map((cell) => (cell === null || Number.isNaN(Number(cell)) ? cell : Number(cell))),
    );
    writeFileSync(file("birds.xlsx"), await writeXlsx({ sheets: [{ name: "Birds", rows: [names, ...cells] }] }));
    expect(await predict("birds.xlsx", "--sheet", "Birds", "-o", "out.xlsx")).toMatchObject({ code: 0, errors: 0 });
    const { sheets } = await readXlsx(readFileSync(file("out.xlsx")));
    const [head = [], ...found] = sheets[0]?.rows ?? [];
    expect(head.slice(0, names.length + 1)).toEqual([...names, "prediction"]);
    expect(found.map((row) => row.slice(0, names.length))).toEqual(cells);
    expect(found.map((row) => row[names.length])).toEqual(truth.map(({ prediction }) => prediction));
    expect(found[0]?.[names.length + 1]).toBe(truth[0]?.probabilities[truth[0].prediction]);
  });

  it("a row that the model cannot answer does not lose the others", async () => {
    const broken = lines.map((line, i) => (i === 7 ? line.replace(/^((?:[^,]*,){4})[^,]*/, "$1very long") : line));
    writeFileSync(file("broken.csv"), `${header}\n${broken.join("\n")}\n`);
    const said = await predict("broken.csv", "-o", "broken.json");
    expect(said).toMatchObject({ code: 0, rows: 344, errors: 1 });
    expect(said.added.at(-1)).toBe("error");
    const found = JSON.parse(readFileSync(file("broken.json"), "utf8")) as {
      prediction: string;
      error: string | null;
    }[];
    expect(found[7]).toMatchObject({ prediction: null, error: expect.stringContaining('"very long"') });
    const others = found.filter((_, i) => i !== 7);
    expect(others.every(({ error }) => error === null)).toBe(true);
    expect(others.map(({ prediction }) => prediction)).toEqual(
      truth.filter((_, i) => i !== 7).map((one) => one.prediction),
    );
  });

  it("columns that are not there are named, and those that are not known said", async () => {
    writeFileSync(file("other.csv"), `${header.replace("island", "islnd").replace("sex", "x")}\n${lines.join("\n")}\n`);
    const { code, error } = await predict("other.csv");
    expect({ code, error: error?.code }).toEqual({ code: 1, error: "ColumnsMissing" });
    expect(error?.why).toMatch(/"island" \(there is "islnd"\).*"sex"/);
    expect(existsSync(file("other-predictions.csv"))).toBe(false);
    writeFileSync(file("more.csv"), `remark,${header}\n${lines.map((line) => `r,${line}`).join("\n")}\n`);
    const said = await predict("more.csv", "-o", "more.parquet");
    expect(said.notes.join(" ")).toContain('does not know "remark"');
  });

  it("says what it cannot do before anything is begun", async () => {
    const codes = async (...args: string[]) => (await predict(...args)).error?.code;
    expect(await codes("penguins.csv", "-o", "s3://no-bucket-of-that-name/out.csv")).toBe("OutputUnwritable");
    expect(await codes()).toBe("RowsMissing");
    expect(await codes("penguins.csv", "-o", "penguins.csv")).toBe("OutputIsInput");
    expect(await codes("penguins.csv", "-o", "out.pdf")).toBe("OutputUnknown");
    expect(await codes("penguins.csv", "-o", "nowhere/out.csv")).toBe("OutputUnwritable");
    expect(await codes("nothing.csv")).toBe("SourceMissing");
  });

  it("150,000 rows, the same as the URL's, while another prediction runs", async () => {
    const many = Array.from({ length: 150_000 }, (_, i) => lines[i % lines.length]);
    writeFileSync(file("many.csv"), `${header}\n${many.join("\n")}\n`);
    const [large, small] = await Promise.all([
      predict("many.csv", "-o", "many.parquet"),
      predict("penguins.csv", "-o", "meanwhile.ndjson"),
    ]);
    expect(large).toMatchObject({ code: 0, rows: 150_000, errors: 0 });
    expect(small).toMatchObject({ code: 0, rows: 344 });
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const path = file("many.parquet").replaceAll("'", "''");
    const result = await connection.runAndReadAll(
      `SELECT prediction, probability FROM read_parquet('${path}', file_row_number = true) ORDER BY file_row_number`,
    );
    const found = result.getRowsJS();
    connection.closeSync();
    const wrong = found.filter(([prediction, probability], i) => {
      const one = truth[i % truth.length];
      return prediction !== one?.prediction || probability !== one?.probabilities[one.prediction];
    });
    expect(wrong).toEqual([]);
  });

  it("from S3 into S3, and from a folder", async () => {
    const { AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = await user.awsVariables();
    const credentials = { accessKeyId: id, secretAccessKey: secret };
    const s3 = new S3({ endpoint: user.endpoint(), region: "us-east-1", credentials, forcePathStyle: true });
    await s3.createBucket({ Bucket: "penguin-house" });
    await s3.putObject({ Bucket: "penguin-house", Key: "in/rows.csv", Body: csv });
    expect(await predict("s3://penguin-house/in/rows.csv", "-o", "s3://penguin-house/out/said.tsv")).toMatchObject({
      code: 0,
    });
    const said = await s3.getObject({ Bucket: "penguin-house", Key: "out/said.tsv" });
    expect((await said.Body?.transformToString())?.split("\n")[1]?.split("\t")[names.length]).toBe(
      truth[0]?.prediction,
    );
    mkdirSync(file("months"));
    for (const name of ["a.csv", "b.csv"]) writeFileSync(join(file("months"), name), `${csv}\n`);
    expect(await predict("months")).toMatchObject({ code: 0, out: "months-predictions.csv", rows: 688 });

    const bucket = "cauce-000000000000-us-east-1";
    const left = await s3.listObjectsV2({ Bucket: bucket, Prefix: "penguins/predictions/" });
    expect(left.Contents ?? []).toEqual([]);
    const sagemaker = new SageMaker({ endpoint: user.endpoint(), region: "us-east-1", credentials });
    const { TransformJobSummaries: jobs = [] } = await sagemaker.listTransformJobs({
      NameContains: "penguins-predict-",
    });
    expect(new Set(jobs.map(({ TransformJobStatus }) => TransformJobStatus))).toEqual(new Set(["Completed"]));
  });

  it("numbers", async () => {
    const { code } = await user.cauce(["up", "penguins.csv", "--predict", "body_mass_g", "--name", "mass", "--json"]);
    expect(code).toBe(0);
    expect(await predict("penguins.csv", "-o", "mass.csv", "--name", "mass")).toMatchObject({ added: ["prediction"] });
    const [head, first] = readFileSync(file("mass.csv"), "utf8").split("\n");
    expect(head).toBe(`${header},prediction`);
    expect(Number(first?.split(",").at(-1))).toBeGreaterThan(2000);
    expect(readdirSync(user.work).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
  });

  it("goes with the project", async () => {
    expect((await user.cauce(["destroy", "--name", "penguins", "--yes", "--json"])).code).toBe(0);
    expect((await predict("penguins.csv", "--name", "penguins")).error?.code).toBe("NotUp");
  });
});
