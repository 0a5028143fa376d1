import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sha256 } from "#core";
import type { Settings } from "#kernel";
import { DEAD, openPackageIndex, type PackageIndex } from "#test/package-index";
import { shareRuntimes } from "#test/shared-runtimes";
import { listPackages, requirePackages } from "./packages.ts";
import { requireRuntime, type Runtime } from "./runtime.ts";

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const environment = { ...process.env };
let settings: Settings;
let runtime: Runtime;
let index: PackageIndex;
let code: string;

beforeEach(async () => {
  const home = join(mkdtempSync(join(tmpdir(), "cauce-packages-")), "home");
  await shareRuntimes(home);
  const assets = resolve(import.meta.dirname, "../../../..");
  settings = { home, assets, account: "000000000000", region: "us-east-1", host: "127.0.0.1", port: 0 };
  runtime = await requireRuntime(settings, IMAGE);
  index = await openPackageIndex();
  process.env = { ...environment, ...index.environment };
  written.clear();
  code = join(home, "code");
  mkdirSync(code);
}, 120_000);
afterEach(async () => {
  process.env = { ...environment };
  await index.close();
  for (const name of ours()) rmSync(join(settings.home, "runtimes", name), { recursive: true, force: true });
  rmSync(join(settings.home, ".."), { recursive: true, force: true });
});

/** What these tests have put beside the runtimes, which all tests share. */
function ours(): string[] {
  const names = readdirSync(join(settings.home, "runtimes"));
  return names.filter((name) => [...written].some((text) => name.includes(sha256(text))));
}
const written = new Set<string>();
function wants(text: string): void {
  written.add(text);
  writeFileSync(join(code, "requirements.txt"), text);
}
const require = (signal?: AbortSignal) =>
  requirePackages(settings, runtime, code, { network: true, ...(signal && { signal }) });
const answerOf = (folder: string | undefined) =>
  spawnSync(runtime.python, ["-c", `import ${index.name} as tiny; print(tiny.answer())`], {
    env: { PYTHONPATH: folder },
    encoding: "utf8",
  }).stdout.trim();

it("installs once, what the runtime does not have; then no index is needed", { timeout: 60_000 }, async () => {
  wants(`# a comment\nnumpy\n${index.name}==1.0\n`);
  const both = await Promise.all([require(), require()]);
  expect(both[0]).toBe(both[1]);
  expect(answerOf(both[0])).toBe("42");
  const fetched = index.fetched();
  expect(readdirSync(both[0] ?? "").filter((name) => name.startsWith("numpy"))).toEqual([]);
  Object.assign(process.env, DEAD);
  expect(await require()).toBe(both[0]);
  expect(index.fetched()).toBe(fetched);
  expect(Object.values(await listPackages(settings, runtime))).toContain(both[0]);
});

it("an installation that is cut off leaves nothing half, and the next one is whole", { timeout: 60_000 }, async () => {
  wants(`${index.name}\n`);
  const stop = new AbortController();
  index.onFetch = () => stop.abort(new Error("stopped by the user"));
  await expect(require(stop.signal)).rejects.toThrow("stopped by the user");
  expect(ours()).toEqual([]);
  // What a kill leaves: a folder half made, and no lock that somebody holds.
  index.onFetch = () => {};
  const folder = await require();
  rmSync(folder ?? "", { recursive: true });
  mkdirSync(join(`${folder}.making`, "ml/packages", index.name), { recursive: true });
  writeFileSync(join(`${folder}.making`, "ml/packages", `${index.name}.py`), "def answ");
  expect(await require()).toBe(folder);
  expect(answerOf(folder)).toBe("42");
  expect(ours()).toEqual([folder?.split("/").at(-1)]);
});

it("says which requirement there is not, and keeps nothing", { timeout: 60_000 }, async () => {
  wants(`${index.name}==9.9\n`);
  await expect(require()).rejects.toMatchObject({
    explanation: {
      code: "RequirementsNotInstalled",
      why: expect.stringContaining(`${index.name}==9.9`) as string,
    },
  });
  expect(ours()).toEqual([]);
});

it("leaves to the container what names files beside it, and what must not use the network", async () => {
  expect(await require()).toBeUndefined();
  for (const text of ["-r other.txt", "./own", "own-1.0-py3-none-any.whl", "own @ file:///own.whl"]) {
    wants(`numpy\n${text}\n`);
    expect(await require()).toBeUndefined();
  }
  wants(`${index.name}\n`);
  expect(await requirePackages(settings, runtime, code, { network: false })).toBeUndefined();
  expect(realpathSync(join(settings.home, "runtimes"))).not.toContain(settings.home);
});
