import { literal } from "../profile.ts";
import { unreadable } from "./failure.ts";
import type { Reader } from "./reader.ts";

const reader = (format: "array" | "newline_delimited" | "auto"): Reader => ({
  async load({ connection, file, name }) {
    try {
      await connection.run(
        `CREATE TABLE loaded AS SELECT * FROM read_json(${literal(file)}, format = '${format}', records = true, sample_size = -1, maximum_object_size = 67108864)`,
      );
    } catch (error) {
      throw unreadable(name, error);
    }
    return { how: [format === "newline_delimited" ? "one object a line" : "JSON"], notes: [] };
  },
});

/** An array of objects, or objects one after the other. */
export const json: Reader = reader("auto");
/** One object a line. */
export const ndjson: Reader = reader("newline_delimited");
