import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { sha256 } from "#core";
import { tarGz } from "../tar.ts";
import type { ZipEntry } from "../zip.ts";

/** What the package ships, as `files` of package.json says. */
const SHIPPED = [
  "dist",
  "models",
  "python/src",
  "python/runtimes",
  "src/services/lambda/runtimes",
  "NOTICE",
  "package.json",
];

/** What the built program does not contain: native code, and what loads files of its own. The rest of the dependencies is in `dist`. */
const OUTSIDE = ["@duckdb/node-api", "@photostructure/sqlite", "jiti", "mysql2", "pg"];

/** This very Cauce as npm would pack it, asking for no more packages than it needs: an instance has little network and memory. */
export async function packCauce(assets: string): Promise<{ readonly bytes: Buffer; readonly digest: string }> {
  const files = (await Promise.all(SHIPPED.map((path) => filesIn(assets, join(assets, path))))).flat();
  const slim = await slimPackage(assets);
  const entries = files
    .filter(({ name }) => name !== "package.json")
    .map(({ name, file }) => ({ name: `package/${name}`, file }));
  const bytes = await tarGz([...entries, { name: "package/package.json", text: slim }].toSorted(byName));
  return { bytes, digest: sha256(bytes).slice(0, 32) };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

async function filesIn(root: string, path: string): Promise<ZipEntry[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!entries) return [{ name: relative(root, path), file: path }];
  const inside = entries.filter(({ name }) => name !== "__pycache__");
  return (await Promise.all(inside.map(({ name }) => filesIn(root, join(path, name))))).flat();
}

async function slimPackage(assets: string): Promise<string> {
  const whole = JSON.parse(await readFile(join(assets, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly type: string;
    readonly bin: object;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const { name, version, type, bin } = whole;
  const dependencies = Object.fromEntries(OUTSIDE.map((one) => [one, whole.dependencies[one] ?? "*"]));
  return `${JSON.stringify({ name, version, type, bin, dependencies }, null, 2)}\n`;
}
