// The engine's own reading of a table, its types as it guesses them. Arguments: table.csv folder
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const [file = "", folder = ""] = process.argv.slice(2);
const began = performance.now();
const connection = await (await DuckDBInstance.create(":memory:")).connect();
await connection.run(
  `COPY (SELECT * FROM read_csv_auto('${file}')) TO '${join(folder, "reference.parquet")}' (FORMAT parquet, COMPRESSION zstd)`,
);
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS * 1024 }));
