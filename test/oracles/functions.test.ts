import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FUNCTIONS } from "#pipeline";
import { runPython } from "#test/cauce-process";
import { startCauce, type TestServer } from "#test/start-cauce";
import { functionFiles } from "../../src/pipeline/function-files.ts";
import { writeZip } from "../../src/pipeline/zip.ts";
import { INSTALLING } from "./environments.ts";
import { emulatorFor, lambdaRuntime, type Platform, type Runtime, runInLambda } from "./lambda-runtime.ts";

const PLATFORMS: readonly Platform[] = ["linux-x64", "linux-arm64"];
const ASSETS = resolve(import.meta.dirname, "../..");
const MB = 1_000_000;
/** AWS: Amazon Linux 2023, which nodejs24.x runs on, has glibc 2.34 and the libstdc++ of GCC 11. */
const NEWEST = { GLIBC_: [2, 34], GLIBCXX_: [3, 4, 29] } as const;
const UNZIP = `
import json, os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for info in archive.infolist():
        os.chmod(archive.extract(info, sys.argv[2]), info.external_attr >> 16 & 0o777)
`;

/** The packages of the functions as Lambda gets them, for both of its processors, from whatever machine this is. */
describe("functions for Lambda", () => {
  let folder: string;
  const code = (platform: string, name: string) => join(folder, platform, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cauce-functions-"));
    const cache = join(ASSETS, "node_modules/.cache/cauce/native");
    for (const platform of PLATFORMS)
      for (const name of FUNCTIONS) {
        const { files } = await functionFiles(name, { assets: ASSETS, cache, platform });
        const zip = join(folder, `${platform}-${name}.zip`);
        await writeZip(zip, files);
        const { code: ended, stderr } = await runPython(["-c", UNZIP, zip, code(platform, name)], {});
        expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
      }
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(PLATFORMS)("fit into Lambda, and anyone may read them (%s)", async (platform) => {
    for (const name of FUNCTIONS) {
      const files = await readdir(code(platform, name));
      const stats = await Promise.all(files.map((file) => stat(join(code(platform, name), file))));
      // AWS: 250 MB unzipped; 50 MB zipped when it is sent in the request, which is not how it comes there.
      expect(stats.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(250 * MB);
      expect(stats.every(({ mode }) => (mode & 0o444) === 0o444)).toBe(true);
    }
    expect((await readdir(code(platform, "extract"))).sort()).toEqual([
      "batch.js",
      "databases.js",
      "duckdb.node",
      "index.js",
      "libduckdb.so",
    ]);
  });

  it.each([
    ["linux-x64", 62],
    ["linux-arm64", 183],
  ])("have native code for the processor, and for Amazon Linux 2023 (%s)", async (platform, machine) => {
    for (const file of ["duckdb.node", "libduckdb.so"]) {
      const bytes = await readFile(join(code(platform, "extract"), file));
      expect(bytes.subarray(0, 5).toString("latin1")).toBe("\x7fELF\x02");
      expect(bytes.readUInt16LE(18)).toBe(machine);
      for (const [prefix, newest] of Object.entries(NEWEST))
        expect(compare(newestOf(bytes, prefix), newest)).toBeLessThanOrEqual(0);
    }
  });

  describe.each(PLATFORMS)(
    "under AWS's own runtime client, Node 24, read-only but for /tmp, no home (%s)",
    (platform) => {
      const emulator = emulatorFor(platform);
      const why = "why" in emulator ? emulator.why : "";
      let cauce: TestServer | undefined;
      let runtime: Runtime;
      let environment: Record<string, string>;
      const run = (name: string, handler: string, own: Record<string, string>, events: readonly unknown[]) =>
        runInLambda(runtime, { code: code(platform, name), handler, environment: { ...environment, ...own } }, events);

      beforeAll(async () => {
        if ("why" in emulator) return;
        runtime = await lambdaRuntime(platform, emulator.words);
        const server = await startCauce();
        cauce = server;
        const s3 = new S3({ ...server.client, forcePathStyle: true });
        await s3.createBucket({ Bucket: "tables" });
        const Body = await readFile(join(ASSETS, "test/journeys/penguins.csv"));
        await s3.putObject({ Bucket: "tables", Key: "p/penguins.csv", Body });
        s3.destroy();
        environment = {
          AWS_ENDPOINT_URL: server.endpoint,
          AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "3008",
        };
      }, INSTALLING);
      afterAll(() => cauce?.[Symbol.asyncDispose]());

      it("extract reads a table, twice in one process, and says what it cannot read", async ({ skip }) => {
        skip(why !== "", why);
        const own = { OUTPUT_URI: "s3://tables/out", GROUP: "p", NO_CHAMPION_URI: "s3://tables/none" };
        const event = { SourceUri: "s3://tables/p/penguins.csv", SourceName: "penguins.csv", Target: "species" };
        const answers = await run("extract", "index.handler", own, [event, event, { ...event, Target: "specis" }]);
        const answer = { DataUri: expect.stringMatching(/^s3:\/\/tables\/out\/[0-9a-f]{32}\/$/), Rows: "344" };
        expect(answers).toMatchObject([
          { kind: "response", body: answer },
          { kind: "response", body: answer },
          { kind: "error", body: { errorType: "CauceError", errorMessage: expect.stringContaining("TargetMissing") } },
        ]);
      }, 120_000);

      it("batch, predict and deploy start, and answer", async ({ skip }) => {
        skip(why !== "", why);
        const [batch] = await run("extract", "batch.handler", { ENDPOINT_NAME: "p" }, [{ Action: "none" }]);
        expect(batch).toMatchObject({ kind: "error", body: { errorMessage: expect.any(String) } });
        const serving = {
          ENDPOINT_NAME: "p",
          SERVED_BY: "endpoint",
          SERVING_URI: "s3://tables/serving",
          CORS_ORIGINS: "*",
        };
        const post = {
          httpMethod: "POST",
          headers: { "content-type": "application/json" },
          body: "{}",
          path: "/predict",
        };
        const [predict] = await run("predict", "index.handler", serving, [post]);
        expect(predict).toMatchObject({ kind: "response", body: { statusCode: 503, headers: expect.any(Object) } });
        const deploying = {
          ENDPOINT_NAME: "p",
          MODEL_ROLE_ARN: "arn:aws:iam::123456789012:role/p",
          SERVING_WAY: JSON.stringify({ on: "endpoint", type: "ml.m5.large", instances: 1 }),
          SERVING_URI: "s3://tables/serving",
        };
        const settled = { "detail-type": "SageMaker Endpoint State Change", detail: {} };
        const [deploy] = await run("deploy", "index.handler", deploying, [settled]);
        expect(deploy).toMatchObject({ kind: "response", body: { state: "ignored", endpoint: "p" } });
      }, 120_000);
    },
  );
});

function newestOf(bytes: Buffer, prefix: string): readonly number[] {
  const versions = [...bytes.toString("latin1").matchAll(new RegExp(`\\0${prefix}(\\d+(?:\\.\\d+)+)(?=\\0)`, "g"))];
  const numbers = versions.map(([, version = ""]) => version.split(".").map(Number));
  return numbers.sort(compare).at(-1) ?? [];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}
