import { delimited } from "./delimited.ts";
import { json, ndjson } from "./json.ts";
import { parquet } from "./parquet.ts";
import type { Format, Reader } from "./reader.ts";
import { xls, xlsx } from "./workbook.ts";

export const readers: Readonly<Record<Format, Reader>> = { delimited, xlsx, xls, parquet, json, ndjson };
