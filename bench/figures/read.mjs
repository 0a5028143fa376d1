// A long CSV becomes Parquet with types and a profile, as Extract does it; against DuckDB's own reading of it, and pandas.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { inTurn, median, medianRatio, megabytes, seconds, times } from "../numbers.mjs";
import { output } from "../processes.mjs";
import { referencePython } from "../python.mjs";
import { newFolder } from "../stage.mjs";

const ROWS = 1_000_000;
const root = fileURLToPath(new URL("../..", import.meta.url));
const reference = (name) => fileURLToPath(new URL(`../reference/${name}`, import.meta.url));

export async function measure() {
  const folder = newFolder();
  const [long, short] = [join(folder, "long.csv"), join(folder, "short.csv")];
  await writeTable(long, ROWS);
  await writeTable(short, ROWS / 4);
  const python = join(referencePython(), "python");
  const node = (program, file) => told(process.execPath, ["--import", "tsx", reference(program), file, folder]);
  const results = await inTurn(3, {
    ours: () => node("read-table.ts", long),
    duckdb: () => node("read-duckdb.ts", long),
    pandas: () => told(python, [reference("read.py"), long]),
    quarter: () => node("read-table.ts", short),
  });
  const took = Object.fromEntries(Object.entries(results).map(([name, all]) => [name, all.map((one) => one.seconds)]));
  const peak = Object.fromEntries(
    Object.entries(results).map(([name, all]) => [name, median(all.map((one) => one.peak))]),
  );
  const against = (name, called) => ({
    reference: `${called} ${seconds(median(took[name]) * 1000)}, ${megabytes(peak[name])}`,
    ratio: times(medianRatio(took.ours, took[name])),
  });
  return [
    {
      what: "reading 1,000,000 × 15 CSV, types, profile, Parquet",
      value: seconds(median(took.ours) * 1000),
      ...against("duckdb", "DuckDB's read_csv_auto to Parquet"),
    },
    { what: "  against", value: seconds(median(took.ours) * 1000), ...against("pandas", "pandas.read_csv") },
    {
      what: "  peak memory of it",
      value: megabytes(peak.ours),
      reference: `250,000 rows ${megabytes(peak.quarter)}`,
      budget: "< 1024 MB",
      ok: peak.ours < 1024 * 1024 * 1024,
    },
  ];
}

/** A program says its seconds and the most memory that it held. */
async function told(command, args) {
  return JSON.parse(await output(command, args, { cwd: root }));
}

/** Numbers, texts, dates, times, truth values, and cells without a value; the same each time. */
async function writeTable(file, rows) {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run("SELECT setseed(0.5)");
  await connection.run(
    `COPY (SELECT i AS id, round(random() * 1000, 3) AS amount, round(random() * 10 - 5, 4) AS delta,
      (random() * 90)::INT AS age, CASE WHEN random() < 0.9 THEN round(exp(random() * 10), 2) END AS income,
      CASE WHEN random() < 0.95 THEN (random() * 100000)::INT END AS visits,
      ['north', 'south', 'east', 'west'][1 + floor(random() * 4)::INT] AS region,
      'city ' || floor(random() * 500)::INT AS city, ['a', 'b', 'c', ''][1 + floor(random() * 4)::INT] AS grade,
      DATE '2015-01-01' + (random() * 3000)::INT AS signed_up,
      TIMESTAMP '2020-01-01' + INTERVAL ((random() * 100000000)::INT) SECOND AS seen_at,
      random() < 0.3 AS member, 'ref' || lpad((random() * 9999999)::INT::VARCHAR, 7, '0') AS code,
      'a remark "in quotes", number ' || i AS remark, CASE WHEN random() < 0.5 THEN 'yes' ELSE 'no' END AS label
      FROM range(${rows}) t(i)) TO '${file}' (HEADER)`,
  );
  connection.closeSync();
  instance.closeSync();
}
