// `npm run check`: format, lint, types, borders, dead code, generated files, package truth. All are run; any failure fails.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { install, root } from "./install.mjs";
import { pythonEnvironment } from "./python-environment.mjs";

install();
const bin = pythonEnvironment();
const tool = (name, ...args) => ["npx", "--no-install", name, ...args];
const checks = {
  format: tool("oxfmt", "--check", "src", "test", "scripts"),
  lint: tool("oxlint", "src", "test", "scripts"),
  types: tool("tsc", "--noEmit"),
  borders: tool("depcruise", "src", "--config", ".dependency-cruiser.cjs"),
  "dead code": tool("knip"),
  package: tool("publint", "--strict"),
  coverage: [process.execPath, "scripts/coverage.mjs", "--check"],
  "python lint": [join(bin, "ruff"), "check", "python"],
  "python types": tool("pyright", "-p", "python", "--pythonpath", join(bin, "python")),
};

let failed = 0;
for (const [name, [command, ...args]] of Object.entries(checks)) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  console.log(`${status === 0 ? "✔" : "✘"} ${name}`);
  if (status === 0) continue;
  failed++;
  console.log(stdout + stderr);
}
process.exit(failed === 0 ? 0 : 1);
