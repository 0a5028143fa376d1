import { literal } from "../profile.ts";
import { unreadable } from "./failure.ts";
import { level } from "./nested.ts";
import type { Reader } from "./reader.ts";

export const parquet: Reader = {
  async load({ connection, file, name }) {
    try {
      await connection.run(`CREATE TABLE loaded AS SELECT * FROM read_parquet(${literal(file)})`);
    } catch (error) {
      throw unreadable(name, error, "The file is damaged or cut off: download it, or write it, again.");
    }
    return { how: ["Parquet"], notes: await level(connection) };
  },
};
