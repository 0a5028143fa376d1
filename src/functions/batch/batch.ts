import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Caller } from "#aws";
import { carried } from "../extract/carried.ts";
import type { BatchSettings, ReadEvent, WriteEvent } from "./events.ts";
import { readRows, type ReadAnswer } from "./read-rows.ts";
import { writeAnswers, type WriteAnswer } from "./write-answers.ts";

export function batch(
  aws: Caller,
  settings: BatchSettings,
): (event: ReadEvent | WriteEvent) => Promise<ReadAnswer | WriteAnswer> {
  return async (event) => {
    const folder = await mkdtemp(join(settings.temporary, "batch-"));
    const context = { ...settings, aws, folder };
    try {
      return event.Action === "read" ? await readRows(context, event) : await writeAnswers(context, event);
    } catch (error) {
      throw carried(error);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
