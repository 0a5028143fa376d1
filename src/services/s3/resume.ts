import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Table } from "#kernel";
import { objectBytes } from "./bytes.ts";
import { deliverEvents } from "./events.ts";
import { expire, hasLifecycle } from "./expire.ts";
import type { Piece, S3Context, VersionRow } from "./state.ts";
import { blobsOf } from "./versions.ts";

/** At the start: what was being uploaded is told of, events that were not handed over yet, and bytes that a crash left without a row. */
export function resume(ctx: S3Context): void {
  const { cutOff } = ctx.kernel.blobs.within("s3");
  if (cutOff > 0) {
    const uploads = cutOff === 1 ? "An upload was" : `${cutOff} uploads were`;
    ctx.kernel.interrupted.push(`${uploads} cut off: nothing of it is kept, and what was there before stays.`);
  }
  const { tasks } = ctx.kernel;
  if (hasLifecycle(ctx)) {
    tasks.run("S3 lifecycle", async (signal) => {
      // All objects are looked at: not while somebody waits for the start.
      await sleep(SETTLED, undefined, { signal, ref: false });
      await expire(ctx, signal);
    });
  }
  tasks.every("S3 lifecycle", HOUR, (signal) => expire(ctx, signal));
  if (ctx.tables.outbox.list({ limit: 1 }).length > 0) deliverEvents(ctx);
  // Listed now, before the first request: everything younger has its own way to its row.
  const found = new Set(ctx.kernel.live(objectBytes).list());
  if (found.size > 0) ctx.kernel.tasks.run("S3 sweep of bytes without a row", (signal) => sweep(ctx, found, signal));
}

const HOUR = 3_600_000;
const SETTLED = 1000;

async function sweep(ctx: S3Context, found: Set<string>, signal: AbortSignal): Promise<void> {
  // Parts before objects: completing an upload moves bytes from the one to the other, never back.
  for await (const { blob } of all<Piece>(ctx.tables.parts)) found.delete(blob);
  // Objects before versions: what was put before versioning moves that way, and what is among the versions stays there.
  for await (const row of all<VersionRow>(ctx.tables.objects)) for (const blob of blobsOf(row)) found.delete(blob);
  for await (const row of all(ctx.tables.versions)) for (const blob of blobsOf(row)) found.delete(blob);
  if (!signal.aborted) await ctx.kernel.live(objectBytes).discard([...found]);
}

/** A page at a time, so that requests are answered meanwhile. */
async function* all<Row>(table: Table<Row>): AsyncGenerator<Row> {
  let after = "";
  for (;;) {
    const page = table.list({ after, limit: PAGE });
    for (const { row } of page) yield row;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.key;
    await setImmediate();
  }
}

const PAGE = 500;
