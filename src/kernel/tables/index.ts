export {
  bytesTable,
  type OpenTables,
  type Range,
  type Table,
  table,
  tableKey,
  type TableSpec,
  type TableSpecs,
} from "./table.ts";
export { type Database, openDatabase } from "./database.ts";
