// The Python that the references run in: what a person would install, made once below node_modules.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
export const cache = join(root, "node_modules/.cache/cauce-bench");
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
const OLDEST = "import sys; sys.exit(sys.version_info < (3, 11))";

/** The folder of its programs. */
export function referencePython() {
  const folder = join(cache, "python");
  const stamp = join(folder, "requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return join(folder, "bin");
  process.stderr.write("  … pip installs FastAPI and scikit-learn for the reference (once)\n");
  rmSync(folder, { recursive: true, force: true });
  execFileSync(find(), ["-m", "venv", folder], { stdio: "inherit" });
  const install = ["install", "--quiet", "--disable-pip-version-check", "-r", requirements];
  execFileSync(join(folder, "bin/pip"), install, { stdio: "inherit" });
  writeFileSync(stamp, wanted);
  return join(folder, "bin");
}

function find() {
  for (const name of ["python3.13", "python3.12", "python3.11", "python3"]) {
    try {
      execFileSync(name, ["-c", OLDEST], { stdio: "ignore" });
      return name;
    } catch {
      // The next one.
    }
  }
  throw new Error("The bench needs Python 3.11 or later on PATH.");
}
