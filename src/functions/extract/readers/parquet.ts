import { literal } from "../profile.ts";
import { unreadable } from "./failure.ts";
import type { Reader } from "./reader.ts";

export const parquet: Reader = {
  async load({ connection, file, name }) {
    try {
      await connection.run(`CREATE TABLE loaded AS SELECT * FROM read_parquet(${literal(file)})`);
    } catch (error) {
      throw unreadable(name, error);
    }
    return { how: ["Parquet"], notes: [] };
  },
};
