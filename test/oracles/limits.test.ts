import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { INSTALLING, oraclePython } from "./environments.ts";
import { everySynth, PLACE, synthGiven, synthOf } from "./projects.ts";

/** The longest that a project may be called, where the region's name is longest, and as much of everything as is meant to work. */
const LONGEST = "a".repeat(32);
const FARTHEST = { account: "123456789012", region: "ap-southeast-4" };
const FULL = {
  name: LONGEST,
  tags: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`tag-${i}-${"k".repeat(80)}`, "v".repeat(200)])),
  api: {
    cors: Array.from({ length: 40 }, (_, i) => `https://${"o".repeat(50)}-${i}.example`),
    path: `/${["a", "b", "c"].map((part) => part.repeat(60)).join("/")}`,
    stage: "s".repeat(128),
  },
  train: {
    script: "train.py",
    hyperparameters: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`p${i}`, "x"])),
  },
};

/** As no project can be: a tag that is too long is refused before. */
function tooLong() {
  const { template, definition } = synthOf({ tags: { team: "sales" } });
  const text = JSON.stringify(template).replaceAll('"team"', JSON.stringify("k".repeat(129)));
  return { template: JSON.parse(text) as typeof template, definition };
}

interface Checked {
  readonly checked: number;
  readonly problems: readonly string[];
  readonly template: number;
  readonly definition: number;
}

let folder: string;
let found: Record<string, Checked>;

beforeAll(async () => {
  const python = await oraclePython("clouds");
  folder = await mkdtemp(join(tmpdir(), "cauce-limits-"));
  const kinds = [
    ...(await everySynth(folder)).map(([kind, made]) => ({ kind, made, place: PLACE })),
    { kind: "longest", made: synthOf({ name: LONGEST }, FARTHEST), place: FARTHEST },
    { kind: "full", made: synthOf(FULL, FARTHEST), place: FARTHEST },
    { kind: "longest-given", made: await synthGiven(folder, LONGEST, FARTHEST), place: FARTHEST },
    // One that breaks limits, so that a blind oracle is seen.
    { kind: "too-long", made: tooLong(), place: PLACE },
  ];
  const made = kinds.map(({ kind, made: { template, definition }, place }) => ({
    kind,
    template,
    definition,
    ...place,
  }));
  await writeFile(join(folder, "made.json"), JSON.stringify(made));
  const script = join(import.meta.dirname, "check_limits.py");
  const { stdout } = await promisify(execFile)(python, [script, join(folder, "made.json")], { maxBuffer: 1 << 26 });
  found = JSON.parse(stdout) as typeof found;
}, INSTALLING);
afterAll(() => rm(folder, { recursive: true, force: true }));

it("meets every length, pattern, enumeration, range and quota, for every kind of project and the longest names", () => {
  const { "too-long": _, ...kinds } = found;
  const problems = Object.entries(kinds).flatMap(([kind, one]) => one.problems.map((problem) => `${kind}: ${problem}`));
  expect(problems).toEqual([]);
  expect(Object.values(kinds).every(({ checked }) => checked > 200)).toBe(true);
});

it("sees what does not", () => {
  expect(found["too-long"]?.problems).toContain("Group.Tags[1].Key: 129 characters where 1 to 128 may be");
});

it("sends a template in the request unless it is full to the brim, and then by way of S3", () => {
  for (const [kind, { template }] of Object.entries(found)) if (kind !== "full") expect(template).toBeLessThan(51_200);
  expect(found["full"]?.template).toBeGreaterThan(51_200);
});
