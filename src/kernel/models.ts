import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceModel } from "#protocol";

/** Reads `models/<name>.json` below the folder of what ships with Cauce. */
export function readModel(assets: string, name: string): ServiceModel {
  return JSON.parse(readFileSync(join(assets, "models", `${name}.json`), "utf8")) as ServiceModel;
}
