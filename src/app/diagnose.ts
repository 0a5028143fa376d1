import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { messageOf } from "#core";
import { findServer } from "./background.ts";
import type { Config } from "./config.ts";

/** One thing that `doctor` looked at. */
export interface Check {
  readonly what: string;
  /** `note`: it works, but not as well as it could. */
  readonly state: "good" | "note" | "bad";
  readonly says: string;
}

/** Looks at all that Cauce stands on, and changes nothing. */
export async function diagnose(config: Config): Promise<readonly Check[]> {
  const { describeHost } = await import("#server");
  const host = await describeHost({ home: config.home, assets: config.assets });
  return [
    node(),
    { what: "Python", ...host.python },
    { what: "isolation of jobs", ...host.isolation },
    { what: "runtime", ...host.runtime },
    home(config),
    keys(config),
    disk(config),
    await server(config),
  ];
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  return {
    what: "Node",
    state: good ? "good" : "bad",
    says: `${process.version}${good ? "" : ": Cauce needs 20.19 or later"}`,
  };
}

function home({ home: folder }: Config): Check {
  if (!existsSync(folder)) return { what: "home", state: "good", says: `${folder} is made when it is needed` };
  try {
    accessSync(folder, constants.W_OK);
    return { what: "home", state: "good", says: folder };
  } catch (error) {
    return { what: "home", state: "bad", says: `${folder} cannot be written to: ${messageOf(error)}` };
  }
}

function keys({ home: folder }: Config): Check {
  const file = join(folder, "credentials");
  if (!existsSync(file)) return { what: "keys", state: "good", says: "made at the first start" };
  const open = (statSync(file).mode & 0o077) !== 0;
  return {
    what: "keys",
    state: open ? "bad" : "good",
    says: open ? `${file} can be read by others: chmod 600` : "for you alone",
  };
}

const ENOUGH = 2e9;
/** With less, hardly a table fits. */
const LEAST = 1e8;

function disk({ home: folder }: Config): Check {
  let at = folder;
  while (!existsSync(at)) at = join(at, "..");
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  const state = free > ENOUGH ? "good" : free > LEAST ? "note" : "bad";
  return { what: "disk", state, says: free > LEAST ? `${(free / 1e9).toFixed(1)} GB free` : "full" };
}

async function server(config: Config): Promise<Check> {
  const found = await findServer(config);
  if (found) return { what: "server", state: "good", says: `answers at ${found.endpoint} (process ${found.pid})` };
  const free = await isFree(config);
  return {
    what: "server",
    state: free ? "good" : "note",
    says: free
      ? `not running; port ${config.port} is free`
      : `not running; port ${config.port} is taken by another program`,
  };
}

function isFree({ host, port }: Config): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
