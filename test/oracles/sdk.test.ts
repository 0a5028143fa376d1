import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INSTALLING, oraclePython } from "./environments.ts";
import { everySynth } from "./projects.ts";

/** Every kind of pipeline, loaded by the SageMaker Python SDK and written by it again. */
describe.each([
  ["2", "clouds"],
  ["3", "sdk3"],
] as const)("SageMaker Python SDK %s", (_, environment) => {
  let folder: string;
  let load: (definitions: readonly object[]) => Promise<Record<string, { differs: string[]; graph: object }>>;
  const definitions: { kind: string; definition: object }[] = [];

  beforeAll(async () => {
    const python = await oraclePython(environment);
    folder = await mkdtemp(join(tmpdir(), "cauce-sdk-"));
    const seen = new Set<string>();
    for (const [kind, { definition }] of await everySynth(folder)) {
      // Many kinds differ in what serves only.
      if (!seen.has(JSON.stringify(definition))) definitions.push({ kind, definition });
      seen.add(JSON.stringify(definition));
    }
    load = async (given) => {
      const file = join(folder, "made.json");
      await writeFile(file, JSON.stringify(given));
      const script = join(import.meta.dirname, "load_definition.py");
      const { stdout } = await promisify(execFile)(python, [script, file], { maxBuffer: 1 << 26 });
      return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Awaited<ReturnType<typeof load>>;
    };
  }, INSTALLING);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("writes the same definition again, and sees the graph that is meant", async () => {
    const found = await load(definitions);
    expect(Object.entries(found).filter(([, { differs }]) => differs.length > 0)).toEqual([]);
    expect(found["plain"]?.graph).toEqual({
      Extract: ["Evaluate", "Prepare", "Register"],
      Prepare: ["Evaluate", "Register", "Train"],
      Train: ["Evaluate", "Register"],
      Evaluate: ["Gate", "Refuse", "Register"],
      Gate: ["Refuse", "Register"],
      Register: [],
      Refuse: [],
    });
  }, 120_000);

  it("refuses a reference to what a step does not have", async () => {
    const [plain] = definitions;
    const text = JSON.stringify(plain).replaceAll("ModelArtifacts.S3ModelArtifacts", "ModelArtifacts.S3Model");
    const { plain: refused } = await load([JSON.parse(text) as object]);
    expect(refused?.differs).toEqual([expect.stringContaining("S3Model")]);
  }, 60_000);
});
