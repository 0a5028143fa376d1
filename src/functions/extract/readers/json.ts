import { literal } from "../profile.ts";
import { unreadable } from "./failure.ts";
import { level } from "./nested.ts";
import type { Reader } from "./reader.ts";

const reader = (format: "array" | "newline_delimited" | "auto"): Reader => ({
  async load({ connection, file, name }) {
    try {
      const from = (more: string): string =>
        `SELECT * FROM read_json(${literal(file)}, format = '${format}', records = true, maximum_object_size = 67108864, ${more})`;
      await connection.run(`CREATE TABLE loaded AS ${from("sample_size = -1")}`);
      const columns = (await connection.runAndReadAll("DESCRIBE loaded")).getRowObjectsJson();
      const dated = columns.some((column) => String(column["column_type"]).search(DATED) >= 0);
      // It would take 03-11-2024 for the third of November without a look at the other rows.
      if (dated)
        await connection.run(
          `CREATE OR REPLACE TABLE loaded AS ${from(`columns = {${columns.map(asText).join(", ")}}`)}`,
        );
    } catch (error) {
      throw unreadable(name, error);
    }
    return { how: [format === "newline_delimited" ? "one object a line" : "JSON"], notes: await level(connection) };
  },
});

/** Of a column, or of a field inside of one. */
const DATED = /(?<=^| )(DATE|TIMESTAMP|TIME)(?=$|[,)[])/g;

function asText({ column_name: name, column_type: type }: Readonly<Record<string, unknown>>): string {
  return `${literal(String(name))}: ${literal(String(type).replaceAll(DATED, "VARCHAR"))}`;
}

/** An array of objects, or objects one after the other. */
export const json: Reader = reader("auto");
/** One object a line. */
export const ndjson: Reader = reader("newline_delimited");
