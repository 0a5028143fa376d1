// Bundles the Lambda functions that a stack ships: dist/functions/<name>/index.js, one file each, nothing of the SDK.
// Native code (DuckDB) is not bundled: deployment adds the file that fits where the function will run.
import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Package, file in it, source: `batch` lies beside `extract`, because both bring the database that reads tables. */
const BUNDLES = [
  ["extract", "index", "functions/extract"],
  ["extract", "batch", "functions/batch"],
  // The drivers of database servers, which double the code: loaded by who asks one.
  ["extract", "databases", "databases"],
  ["predict", "index", "functions/predict"],
  ["deploy", "index", "functions/deploy"],
];

/** Into `<outdir>/<package>/<file>.js`. */
export async function buildFunctions(outdir = join(root, "dist/functions")) {
  await rm(outdir, { recursive: true, force: true });
  const readerDigest = await digestOfFolder(join(root, "src/functions/extract"));
  return Promise.all(
    BUNDLES.map(([name, file, source]) =>
      build({
        entryPoints: [join(root, "src", source, "index.ts")],
        outfile: join(outdir, name, `${file}.js`),
        bundle: true,
        platform: "node",
        // AWS runs Node 24; the embedded AWS whatever it has, from 20.19 on.
        target: "node20",
        // CommonJS starts a few milliseconds sooner than an ES module.
        format: "cjs",
        minifySyntax: true,
        legalComments: "none",
        define: { READER_DIGEST: JSON.stringify(readerDigest) },
        // What pg looks for beside itself: native code that we do not take, sockets of another platform.
        external: ["pg-native", "cloudflare:sockets"],
        plugins: [nativeDuckdb, databasesBeside],
        metafile: true,
        logLevel: "warning",
      }),
    ),
  );
}

/** `@duckdb/node-bindings` looks for an installed package; in a function, `duckdb.node` lies beside the bundle. */
const nativeDuckdb = {
  name: "native-duckdb",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^@duckdb\/node-bindings$/ }, () => ({ path: "./duckdb.node", external: true }));
  },
};

const databasesBeside = {
  name: "databases-beside",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^#databases$/ }, () => ({ path: "./databases.js", external: true }));
  },
};

async function digestOfFolder(folder) {
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildFunctions(process.argv[2]);
