// Installs what a clone needs, once: node_modules by the lock file, then the build. Uses nothing that has to be installed.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export function run(command, args, options = {}) {
  execFileSync(command, args, { cwd: root, stdio: "inherit", ...options });
}

export function install() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Cauce needs Node 20.19 or later; this is ${process.version}.`);
    process.exit(1);
  }
  // A linked node_modules is another clone's: `npm ci` would empty it under that one.
  const linked = lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink();
  if (!linked && isOlder(join(root, "node_modules/.package-lock.json"), join(root, "package-lock.json"))) {
    run("npm", ["ci", "--no-audit", "--no-fund"]);
  }
  run(process.execPath, [join(root, "scripts/build.mjs")]);
}

function isOlder(file, than) {
  return !existsSync(file) || statSync(file).mtimeMs < statSync(than).mtimeMs;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) install();
