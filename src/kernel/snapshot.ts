import { copyFileSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Databases } from "./registry.ts";

/**
 * A copy of the whole state as it is now, into a new folder: both databases, and every blob under a second name. It is one synchronous
 * step, and a blob is named by a row only after it was written, and removed only after its row went: so no row lacks its bytes.
 */
export function takeSnapshot(home: string, databases: Databases, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  databases.full.copyTo(join(folder, "state.db"));
  databases.relaxed.copyTo(join(folder, "logs.db"));
  linkAll(join(home, "blobs"), join(folder, "blobs"));
}

function linkAll(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (!entry.isDirectory()) linkOrCopy(source, copy);
    // What is still being received is no blob yet.
    else if (entry.name !== "incoming") linkAll(source, copy);
  }
}

/** Blobs never change, so a second name is a copy; some file systems have no hard links. */
function linkOrCopy(source: string, copy: string): void {
  try {
    linkSync(source, copy);
  } catch {
    copyFileSync(source, copy);
  }
}
