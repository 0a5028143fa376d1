import type { Table } from "./table.ts";

/** The rows of cached tables, one map for a table and scope, however often it is opened. */
export function createCaches() {
  const all = new Map<string, Map<string, unknown>>();
  return {
    of(table: string): Map<string, unknown> {
      const found = all.get(table) ?? new Map<string, unknown>();
      all.set(table, found);
      return found;
    },
    /** What a transaction that failed has put may be in here. */
    forget(): void {
      for (const rows of all.values()) rows.clear();
    },
  };
}

/** The same table, whose `get` asks the database once. */
export function remembering<Row>(rows: Table<Row>, cache: Map<string, unknown>): Table<Row> {
  return {
    ...rows,
    get(key) {
      const known = cache.get(key);
      if (known !== undefined) return known as Row;
      const row = rows.get(key);
      if (row !== undefined) cache.set(key, Object.freeze(row));
      return row;
    },
    put(key, row) {
      cache.delete(key);
      rows.put(key, row);
    },
    delete(key) {
      cache.delete(key);
      return rows.delete(key);
    },
  };
}
