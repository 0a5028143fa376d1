import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type File, openObject, type S3Session } from "../jobs/download.ts";
import { uploadFile } from "../jobs/upload.ts";
import type { Ask } from "./ask-model.ts";
import { BadData } from "./bad-data.ts";
import { type Cutting, toBatches } from "./batches.ts";

export interface ObjectPlan {
  readonly session: S3Session;
  readonly ask: Ask;
  readonly cutting: Cutting;
  readonly gzip: boolean;
  /** How many requests are under way at once. */
  readonly window: number;
  /** Where outputs grow before they are uploaded. */
  readonly folder: string;
  /** S3OutputPath. */
  readonly to: string;
}

/** One object of the input to its `.out`, in the order of its records. AWS: there is no output for an object of which a record failed. */
export async function transformObject(plan: ObjectPlan, file: File, number: number): Promise<void> {
  const path = join(plan.folder, `${number}.out`);
  try {
    await writeAnswers(plan, file, path);
    await uploadFile(plan.session, path, `${plan.to.replace(/\/+$/, "")}/${file.name}.out`);
  } finally {
    await rm(path, { force: true });
  }
}

async function writeAnswers(plan: ObjectPlan, file: File, path: string): Promise<void> {
  await using output = await open(path, "w");
  const waiting: Promise<Uint8Array | string>[] = [];
  const writeNext = async () => {
    const answer = await waiting.shift();
    if (answer !== undefined) await output.writeFile(answer);
  };
  const source = await openObject(plan.session, file);
  const content = plan.gzip ? gunzipped(source) : source;
  try {
    for await (const batch of toBatches(content, plan.cutting)) {
      const answer = plan.ask(batch);
      // It is awaited in its turn; until then its failure is nobody's.
      answer.catch(() => {});
      waiting.push(answer);
      if (waiting.length >= plan.window) await writeNext();
    }
    while (waiting.length > 0) await writeNext();
  } finally {
    source.destroy();
    await Promise.allSettled(waiting);
  }
}

async function* gunzipped(source: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip();
  const piped = pipeline(source, unpacked);
  piped.catch(() => {});
  try {
    for await (const chunk of unpacked) yield chunk as Buffer;
    await piped;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith("Z_"))
      throw new BadData("The object is not gzip, as CompressionType says.");
    throw error;
  }
}
