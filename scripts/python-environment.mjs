// The Python that the tests use beside the runtimes: clients (boto3), linters, pytest. Made once, below node_modules.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./install.mjs";

const folder = join(root, "node_modules/.cauce-python");
const runtime = join(root, "python/runtimes/sagemaker-xgboost-3.2-0.txt");
const requirements = join(root, "python/requirements-dev.txt");

/** Gives the folder of its programs. */
export function pythonEnvironment() {
  const bin = join(folder, "bin");
  const stamp = join(folder, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8") + readFileSync(runtime, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return bin;
  rmSync(folder, { recursive: true, force: true });
  run(findPython(), ["-m", "venv", folder]);
  run(join(bin, "pip"), ["install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  writeFileSync(stamp, wanted);
  return bin;
}

function findPython() {
  for (const name of ["python3.13", "python3.12", "python3.11", "python3"]) {
    try {
      execFileSync(name, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], { stdio: "ignore" });
      return name;
    } catch {
      // The next one.
    }
  }
  console.error("The tests need Python 3.11 or later on PATH.");
  process.exit(1);
}
