import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "./request.ts";

const PAUSE_MS = 400;

/** Tells again and again how many rows lie below `<run>/in/` or `<run>/out/`, until it is told to end. What it cannot see, it does not tell. */
export async function countRows(
  run: Run,
  place: "in" | "out",
  { signal, onRows }: { readonly signal: AbortSignal; readonly onRows: (rows: number) => void },
): Promise<void> {
  const Bucket = run.names.bucket;
  const Prefix = run.names.key("predictions", run.id, place, "");
  let [rows, StartAfter] = [0, ""];
  while (!signal.aborted) {
    try {
      await sleep(PAUSE_MS, undefined, { signal });
      const page = await (await run.aws.s3()).listObjectsV2({ Bucket, Prefix, ...(StartAfter && { StartAfter }) });
      for (const { Key = "" } of page.Contents ?? []) rows += rowsOf(Key);
      // Requests are written in order, answers nearly: one that comes late is not counted, and not missed.
      StartAfter = page.Contents?.at(-1)?.Key ?? StartAfter;
      if (!signal.aborted && rows > 0) onRows(rows);
    } catch {
      if (!signal.aborted) await sleep(PAUSE_MS);
    }
  }
}

/** The name of a request says how many rows it has: `000012-2048.json`. */
function rowsOf(key: string): number {
  return Number(/-(\d+)\.json(\.out)?$/.exec(key)?.[1] ?? 0);
}
