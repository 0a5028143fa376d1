// `npm test`: installs what it needs, then the TypeScript tests, then Python's.
import { join } from "node:path";
import { install, root, run } from "./install.mjs";
import { pythonEnvironment } from "./python-environment.mjs";

install();
const bin = pythonEnvironment();
const env = { ...process.env, CAUCE_TEST_PYTHON: join(bin, "python") };
run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...process.argv.slice(2)], { env });
if (process.argv.length <= 2)
  run(join(bin, "python"), ["-m", "pytest", "-q", "tests"], { cwd: join(root, "python"), env });
