import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { requireRuntime } from "../../src/services/sagemaker/compute/runtime.ts";
import { until } from "./crashing.ts";

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const MODULE = resolve(import.meta.dirname, "../../src/services/sagemaker/compute/runtime.ts");

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cauce-pip-"));
  mkdirSync(join(home, "python/runtimes"), { recursive: true });
  // Nothing to download: how an installation that was cut off is met again is what is tested.
  writeFileSync(join(home, "python/runtimes/sagemaker-xgboost-3.2-0.txt"), "# nothing\n");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it(
  "a server that is killed while pip installs leaves no pip, and the next one makes the runtime anew",
  { timeout: 60_000 },
  async () => {
    const script = `import { requireRuntime } from ${JSON.stringify(MODULE)};
    await requireRuntime(${JSON.stringify({ home, assets: home })}, ${JSON.stringify(IMAGE)});`;
    const server = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: "ignore",
    });
    const runtimes = join(home, "runtimes");
    await until(() => existsSync(runtimes) && readdirSync(runtimes).some((name) => name.endsWith(".making")));
    server.kill("SIGKILL");
    await new Promise((gone) => server.once("exit", gone));
    expect(readdirSync(runtimes)).toContainEqual(expect.stringMatching(/\.lock$/));

    await requireRuntime({ home, assets: home }, IMAGE);
    expect(readdirSync(runtimes)).toEqual([expect.stringMatching(/^sagemaker-xgboost-3\.2-0-[0-9a-f]{12}$/)]);
    if (process.platform === "linux") expect(namers(home)).toEqual([]);
  },
);

/** Processes that were called with this folder. */
function namers(folder: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(folder);
    } catch {
      return false;
    }
  });
}
