import { isServer } from "#databases";
import type { DataSettings } from "../define.ts";
import { filesSource, localSource } from "./local.ts";
import { s3Source } from "./s3.ts";
import { serverSource } from "./server.ts";
import type { Source, SourcePlaces } from "./source.ts";

/** Finds a project's table: a file, a folder of them, a database, an object in S3. */
export async function gatherSource(data: DataSettings, places: SourcePlaces): Promise<Source> {
  if (data.more !== undefined && data.more.length > 0) return filesSource([data.source, ...data.more], data, places);
  if (data.source.startsWith("s3://")) return s3Source(data, places.aws);
  if (isServer(data.source)) return serverSource(data, places);
  return localSource(data, places);
}
