import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveProject } from "#pipeline";
import { canUnshare } from "#test/namespaces";
import { readTable } from "../../src/functions/extract/table.ts";
import { scriptFiles } from "../../src/pipeline/script-code.ts";
import { settingsOf } from "../../src/pipeline/settings.ts";
import { INSTALLING, oraclePython } from "./environments.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const OUTPUTS = [
  "train",
  "validation",
  "test",
  "features",
  "report",
  "train-table",
  "validation-table",
  "training-table",
];

interface Ran {
  readonly code: number;
  readonly said: string;
  readonly model: readonly string[];
}
interface Answered {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
}

const RECORD = { island: "Biscoe", bill_length_mm: 47, bill_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };
const CSV = `${Object.keys(RECORD).join(",")}\n${Object.values(RECORD).join(",")}\n`;
const REQUESTS: readonly { readonly body: string; readonly headers: Record<string, string> }[] = [
  { body: JSON.stringify(RECORD), headers: { "content-type": "application/json", accept: "application/json" } },
  { body: JSON.stringify([RECORD, {}]), headers: { "content-type": "application/json" } },
  { body: CSV, headers: { "content-type": "text/csv", accept: "*/*" } },
  { body: "{", headers: { "content-type": "application/json" } },
  { body: '{"ilsand":"Biscoe"}', headers: { "content-type": "application/json" } },
  { body: "<a/>", headers: { "content-type": "application/xml" } },
];

/** What the files that we ship meet in AWS's XGBoost image: its Python packages, its toolkit, its folders; and no network. */
describe.skipIf(!canUnshare("mount", "net"))("in the image", () => {
  let folder: string;
  let story: {
    readonly prepare: Ran;
    readonly train: Ran;
    readonly served: readonly Answered[];
    readonly refusedTraining: Ran & { readonly failure: string };
    readonly script: Ran;
    readonly scriptServed: readonly Answered[];
    readonly brokenScript: Ran;
  };

  beforeAll(async () => {
    const python = await oraclePython("image");
    folder = await mkdtemp(join(tmpdir(), "cauce-image-"));
    await writeFile(join(folder, "spec.json"), JSON.stringify(await specOf(folder)));
    const script = join(import.meta.dirname, "image_contract.py");
    const apart = ["--mount", "--net", "--propagation", "private", python, "-W", "ignore", script];
    const { stdout } = await promisify(execFile)("unshare", [...apart, join(folder, "spec.json")], {
      maxBuffer: 1 << 26,
    });
    story = JSON.parse(stdout) as typeof story;
  }, INSTALLING);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("prepare.py runs as a processing container, train.py by ContainerEntrypoint", () => {
    expect(story.prepare).toMatchObject({ code: 0 });
    expect(story.train).toMatchObject({ code: 0, said: expect.stringMatching(/trained \d+ rounds/) });
    expect(story.train.model).toEqual(
      expect.arrayContaining([
        "code/_build.py",
        "code/inference.py",
        "code/pyproject.toml",
        "features.json",
        "model.ubj",
      ]),
    );
  });

  it("a training that cannot be done says why in /opt/ml/output/failure", () => {
    expect(story.refusedTraining.code).not.toBe(0);
    expect(story.refusedTraining.failure).toContain('The hyperparameter eta must be a number, but it is "fast".');
  });

  it.each(["served", "scriptServed"] as const)(
    "the model answers in script mode, installed without an index (%s)",
    (which) => {
      const answers = story[which];
      expect(answers).toMatchObject([
        { status: 200 },
        { status: 200, type: "application/json" },
        { status: 200, type: "application/json" },
        { status: 200, type: "application/json" },
        { status: 400, type: "application/json" },
        { status: 400, type: "application/json" },
        { status: 415, type: "application/json" },
      ]);
      const [, one, many, csv, broken, strange, type] = answers.map(({ body = "null" }) => JSON.parse(body) as unknown);
      expect(one).toMatchObject({ prediction: "Gentoo", probabilities: expect.any(Object) });
      expect(many).toHaveLength(2);
      expect(csv).toEqual([one]);
      for (const error of [broken, strange, type])
        expect(error).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
    },
  );

  it("a project's own script trains in the toolkit's script mode, without an index", () => {
    expect(story.script).toMatchObject({ code: 0, said: expect.stringContaining("validation-accuracy=") });
    expect(story.script.model).toEqual(
      expect.arrayContaining(["model.joblib", "code/inference.py", "code/preparation.py"]),
    );
  });

  it("a script that fails fails the job, with the toolkit's error", () => {
    expect(story.brokenScript.code).not.toBe(0);
    expect(story.brokenScript.said).toContain("invalid int value: 'many'");
    expect(story.brokenScript.said).toContain("ExecuteUserScriptError");
  });
});

/** The table as Extract leaves it, and the code as it is uploaded. */
async function specOf(folder: string) {
  const file = join(folder, "source.csv");
  await copyFile(join(ROOT, "examples/own-script/data/penguins.csv"), file);
  const read = {
    files: [{ file, name: "penguins.csv" }],
    name: "penguins.csv",
    folder,
    memoryMegabytes: 3008,
    header: true,
  };
  const { parquet, profile } = await readTable(read);
  await writeFile(join(folder, "profile.json"), JSON.stringify(profile));
  const project = resolveProject({
    name: "penguins",
    data: { source: "penguins.csv", target: "species" },
    train: { script: "train.py" },
  });
  await writeFile(join(folder, "settings.json"), settingsOf(project).prepare);
  const scripts = await scriptFiles(project, { folder: join(ROOT, "examples/own-script"), assets: ROOT });
  return {
    code: join(ROOT, "python/src/cauce_ml"),
    parquet,
    profile: join(folder, "profile.json"),
    settings: join(folder, "settings.json"),
    outputs: OUTPUTS,
    scripts: Object.fromEntries(scripts.map(({ name, file: path }) => [name, path])),
    requests: REQUESTS,
  };
}
