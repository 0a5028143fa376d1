// Builds what the package ships: dist/cli.js (the command), dist/index.js with its types (the library), dist/functions (Lambda).
import { execFileSync } from "node:child_process";
import { chmod, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildFunctions } from "./build-functions.mjs";
import { thirdPartyLicences } from "./third-party.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
await rm(dist, { recursive: true, force: true });

// CommonJS packages ask for Node's own modules by `require`, which an ES module does not have.
const REQUIRE = 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';
const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  // Our own and the pure JavaScript packages become a few files, which load in two thirds of the time that hundreds take.
  // Outside stay native code, jiti (it loads files of its own) and this package's name (a project imports it).
  external: ["@duckdb/*", "@photostructure/sqlite", "pg", "mysql2", "jiti", "cauce"],
  // Packages that have both are taken as ES modules: a CommonJS one loaded on demand would lose its names.
  mainFields: ["module", "main"],
  metafile: true,
  logLevel: "warning",
};
const built = await Promise.all([
  build({
    ...shared,
    entryPoints: { cli: join(root, "src/cli/start.ts") },
    outdir: dist,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  }),
  build({ ...shared, entryPoints: { index: join(root, "src/index.ts") }, outdir: dist, treeShaking: true }),
  buildFunctions(join(dist, "functions")),
]);
await chmod(join(dist, "cli.js"), 0o755);
const metafiles = built.flat().map(({ metafile }) => metafile);
await writeFile(join(dist, "THIRD-PARTY-LICENSES.txt"), await thirdPartyLicences(root, metafiles));

// The public types are those of a project: one file that imports nothing, so that it stands alone.
execFileSync(
  "npx",
  [
    "--no-install",
    "tsc",
    "--ignoreConfig",
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    dist,
    "src/pipeline/define.ts",
  ],
  {
    cwd: root,
    stdio: "inherit",
  },
);
await rename(join(dist, "define.d.ts"), join(dist, "index.d.ts"));
