// `npm test`: installs what it needs, then Python's tests, then TypeScript's. What failed stands at the end, in a few lines
// each, where a log that was cut off still shows it; the last line counts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, root } from "./install.mjs";
import { pythonEnvironment } from "./python-environment.mjs";
import { fromJunit, fromVitest, say } from "./test-report.mjs";

install();
const bin = pythonEnvironment();
const env = { ...process.env, CAUCE_TEST_PYTHON: join(bin, "python") };
const reports = mkdtempSync(join(tmpdir(), "cauce-test-report-"));

const chosen = process.argv.slice(2);
const results = chosen.length > 0 ? [typescript(chosen)] : [python(), typescript([])];
if (process.env.CI) again(results.at(-1));
rmSync(reports, { recursive: true, force: true });
process.exit(say(results) ? 0 : 1);

function python() {
  const file = join(reports, "pytest.xml");
  const args = ["-m", "pytest", "-q", `--junitxml=${file}`, "tests"];
  const { status } = spawnSync(join(bin, "python"), args, { cwd: join(root, "python"), env, stdio: "inherit" });
  return fromJunit(read(file), status);
}

function typescript(args) {
  const file = join(reports, "vitest.json");
  rmSync(file, { force: true });
  const vitest = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--reporter=default", "--reporter=json"];
  const { status } = spawnSync(process.execPath, [...vitest, `--outputFile.json=${file}`, ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  return fromVitest(read(file), status);
}

/**
 * A continuous-integration machine may be slower than any that was seen, and these tests wait for real processes. A few
 * files that failed are run once more with nothing beside them. What fails then has failed; what passes is named as such,
 * so that it can be mended and is not forgotten.
 */
function again(result) {
  const files = [...new Set(result.failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > 3 || files.includes(undefined)) return;
  const second = typescript(["--no-file-parallelism", ...files]);
  if (second.failures.length > 0) return;
  result.passed += result.failures.length;
  result.onlyAlone = result.failures;
  result.failures = [];
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
