import { join } from "node:path";
import { canonicalJson, sha256 } from "#core";
import { readServer, type Snapshot, snapshotName } from "#databases";
import type { DataSettings } from "../define.ts";
import { refuseReadings } from "./readings.ts";
import type { Source } from "./source.ts";

/**
 * A table or a query of a server. Read from here, its password stays on this machine; with a secret it is the Extract function that reads
 * it, each time the pipeline runs, and nothing is asked of it here.
 */
export async function serverSource(data: DataSettings, { cache }: { readonly cache: string }): Promise<Source> {
  refuseReadings(data);
  if (data.secret !== undefined) return leftToExtract(data);
  const fix = "Check the address, the name, the password (PGPASSWORD and MYSQL_PWD are used too), and the query.";
  return asSource(await readServer(data, snapshotFolder(cache), fix));
}

function leftToExtract({ source, table, query, secret }: DataSettings): Source {
  return {
    name: `${snapshotName({ table, query })}.csv`,
    sha256: sha256(canonicalJson([source, table ?? "", query ?? "", secret ?? ""])).slice(0, 32),
    files: [],
    folder: false,
    uri: source,
  };
}

export function snapshotFolder(cache: string): string {
  return join(cache, "snapshots");
}

export function asSource({ name, sha256: digest, file }: Snapshot): Source {
  return { name, sha256: digest, files: [{ name, file }], folder: false };
}
