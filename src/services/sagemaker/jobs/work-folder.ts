import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Kernel } from "#kernel";

/** A job's own folder: `ml` is its `/opt/ml`, `tmp` its `/tmp`. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  readonly ml: string;
  readonly tmp: string;
}

export async function makeWorkFolder(kernel: Pick<Kernel, "settings">, id: string): Promise<WorkFolder> {
  const path = join(kernel.settings.home, "jobs", id);
  const ml = join(path, "ml");
  const tmp = join(path, "tmp");
  await mkdir(ml, { recursive: true });
  await mkdir(tmp);
  await chmod(tmp, 0o777);
  return {
    path,
    ml,
    tmp,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
