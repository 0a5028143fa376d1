import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CauceError } from "#core";
import { predictionFile } from "./prediction-file.ts";

let folder: string;
let before: string;
beforeEach(() => {
  before = process.cwd();
  folder = mkdtempSync(join(tmpdir(), "cauce-out-"));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const given = (rows: string | undefined, out?: string, table?: string) => predictionFile({ rows, out, table });

function refusal(rows: string | undefined, out?: string): string {
  try {
    given(rows, out);
    return "";
  } catch (error) {
    if (error instanceof CauceError) return error.explanation.code;
    throw error;
  }
}

describe("a file that was not named", () => {
  it.each([
    ["rows.xlsx", "rows-predictions.xlsx"],
    ["in/rows.CSV", "rows-predictions.csv"],
    ["rows.jsonl", "rows-predictions.ndjson"],
    ["old.xls", "old-predictions.csv"],
    ["months/", "months-predictions.csv"],
    ["s3://bucket/in/rows.parquet", "rows-predictions.parquet"],
    ["postgres://ann:secret@host/shop", "shop-predictions.csv"],
  ])("of %s is %s", (rows, out) => {
    expect(given(rows).out).toBe(out);
  });

  it("is called like a database's table, and is a new one", () => {
    expect(given("shop.db", undefined, "orders").out).toBe("orders-predictions.csv");
    writeFileSync("rows-predictions.csv", "mine");
    writeFileSync("rows-predictions-2.csv", "mine");
    expect(given("rows.csv").out).toBe("rows-predictions-3.csv");
  });
});

describe("a file that was named", () => {
  it.each([
    ["out.tsv", "tsv"],
    ["s3://bucket/out.parquet", "parquet"],
    ["OUT.XLSX", "xlsx"],
  ])("%s is written as %s", (out, format) => {
    expect(given("rows.csv", out)).toEqual({ rows: "rows.csv", out, format });
  });

  it("is never the table itself, whatever it is called", () => {
    writeFileSync("rows.csv", "a\n1\n");
    symlinkSync("rows.csv", "link.csv");
    mkdirSync("months");
    writeFileSync("months/a.csv", "a\n1\n");
    expect(refusal("rows.csv", "./rows.csv")).toBe("OutputIsInput");
    expect(refusal("rows.csv", "link.csv")).toBe("OutputIsInput");
    expect(refusal("months", "months/a.csv")).toBe("OutputIsInput");
    expect(refusal("rows.csv", "months")).toBe("OutputUnknown");
    expect(refusal("rows.csv", "nowhere/out.csv")).toBe("OutputUnwritable");
    // Nothing can be made there, also not by root; elsewhere than on Linux there is no such folder.
    expect(refusal("rows.csv", "/proc/out.csv")).toBe("OutputUnwritable");
    expect(refusal("rows.csv", "out.csv")).toBe("");
    expect(readdirSync(".").filter((name) => name.includes("unfinished"))).toEqual([]);
    expect(refusal("rows.csv", "out.xls")).toBe("OutputUnknown");
    expect(refusal(undefined)).toBe("RowsMissing");
  });
});
