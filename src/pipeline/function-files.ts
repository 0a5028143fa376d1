import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, CauceError, sha256 } from "#core";
import type { FunctionName } from "./names.ts";
import { nativeDuckdb } from "./native-code.ts";
import type { ZipEntry } from "./zip.ts";

/** The built files of a function, with the native code that fits where it will run, and a digest of them all. */
export async function functionFiles(
  name: FunctionName,
  places: { readonly assets: string; readonly cache: string; readonly platform: string },
): Promise<{ readonly files: readonly ZipEntry[]; readonly digest: string }> {
  const folder = join(places.assets, "dist/functions", name);
  const names = await readdir(folder).catch(() => {
    throw new CauceError({
      code: "FunctionsMissing",
      what: `The function ${name} cannot be packed.`,
      why: "It has not been built.",
      fix: "Run `npm run build` in the folder of Cauce.",
    });
  });
  const built = names.map((file) => ({ name: file, file: join(folder, file) }));
  const files = name === "deploy" ? [...built, ...(await scoredModules(places.assets))] : built;
  const digests: unknown[] = await Promise.all(
    files.map(async (entry) => [entry.name, sha256(await readFile(entry.file))]),
  );
  if (name !== "extract") return { files, digest: digest(digests) };
  const native = await nativeDuckdb(places.platform, places.cache);
  // Its version stands for its content: hashing 70 MB would cost more than all the rest.
  return { files: [...files, ...native.files], digest: digest([...digests, native.version]) };
}

function digest(of: unknown): string {
  return sha256(canonicalJson(of)).slice(0, 32);
}

/** What the native scorer stands for: the deploy function looks whether a model brings these, and none besides. Decision 0005. */
async function scoredModules(assets: string): Promise<readonly ZipEntry[]> {
  const folder = join(assets, "python/src/cauce_ml");
  const names = (await readdir(folder)).filter((file) => file.endsWith(".py")).sort();
  return names.map((file) => ({ name: `python/${file}`, file: join(folder, file) }));
}
