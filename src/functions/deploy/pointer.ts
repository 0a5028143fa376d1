import type { Caller } from "#aws";
import { findObject, getObject, putObject } from "./objects.ts";

/** What `serving/model.json` says beside the description that it is: in its metadata, so that GET shows nothing of it. */
export interface Pointer {
  /** The configuration, model and folder below `serving/` of this name serve. */
  readonly config: string;
  /** `lambda`: the function behind the URL scores by itself, from that folder. */
  readonly by: "endpoint" | "lambda";
}

export async function readPointer(aws: Caller, servingUri: string): Promise<Pointer | undefined> {
  const found = await getObject(aws, `${servingUri}/model.json`);
  const config = found?.headers["x-amz-meta-config"];
  if (typeof config !== "string") return undefined;
  return { config, by: found?.headers["x-amz-meta-by"] === "lambda" ? "lambda" : "endpoint" };
}

/** From this moment on the URL describes this configuration. */
export async function point(aws: Caller, servingUri: string, { config, by }: Pointer): Promise<void> {
  const description = await findObject(aws, `${servingUri}/${config}.json`);
  if (description === undefined) return;
  await putObject(aws, `${servingUri}/model.json`, JSON.stringify(description), {
    "x-amz-meta-config": config,
    "x-amz-meta-by": by,
  });
}
