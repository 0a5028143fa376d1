import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CauceError } from "#core";

/** What the surroundings say: the one place that reads the environment. */
export interface Config {
  /** `CAUCE_HOME`, default `~/.cauce`. Absolute. */
  readonly home: string;
  /** `CAUCE_HIDDEN`, which the embedded EC2 sets for its instances: a home besides that jobs must not see. */
  readonly hidden?: string;
  readonly port: number;
  /** Whether somebody chose the port, by `--port` or `CAUCE_PORT`. */
  readonly portChosen: boolean;
  readonly host: string;
  readonly account: string;
  readonly region: string;
  /** Root of what ships with Cauce: `models/`, `python/`, `dist/`. */
  readonly assets: string;
  readonly version: string;
}

export interface Flags {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
}

export const DEFAULT_PORT = 4566;

export function readConfig(flags: Flags = {}, env: NodeJS.ProcessEnv = process.env): Config {
  const assets = packageRoot();
  const chosen = flags.port ?? nonEmpty(env["CAUCE_PORT"]);
  return {
    home: trueFolder(resolve(nonEmpty(env["CAUCE_HOME"]) ?? join(homedir(), ".cauce"))),
    port: chosen === undefined ? DEFAULT_PORT : parsePort(chosen),
    portChosen: chosen !== undefined,
    ...(nonEmpty(env["CAUCE_HIDDEN"]) !== undefined && { hidden: String(env["CAUCE_HIDDEN"]) }),
    host: flags.host ?? "127.0.0.1",
    account: requireAccount(nonEmpty(env["CAUCE_ACCOUNT"]) ?? "000000000000"),
    region: nonEmpty(env["AWS_REGION"]) ?? "us-east-1",
    assets,
    version: versionIn(assets),
  };
}

/** Without links on the way, whether it is there yet or not: in a sandbox that hides the home, a link to it leads nowhere. */
function trueFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(trueFolder(dirname(path)), basename(path));
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CauceError({
    code: "BadPort",
    what: `"${text}" is not a port.`,
    why: "A port is a whole number up to 65535.",
    fix: "Give --port (or CAUCE_PORT) such a number, e.g. 4566.",
  });
}

function requireAccount(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new CauceError({
    code: "BadAccount",
    what: `"${text}" is not an AWS account.`,
    why: "An account is 12 digits.",
    fix: "Set CAUCE_ACCOUNT to 12 digits, or unset it.",
  });
}

/** The folder with our package.json, whether this runs from `src/` or from `dist/`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "models", "operations.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("Cauce cannot find its own files.");
    folder = parent;
  }
  return folder;
}

function versionIn(assets: string): string {
  const { version } = JSON.parse(readFileSync(join(assets, "package.json"), "utf8")) as { version: string };
  return version;
}
