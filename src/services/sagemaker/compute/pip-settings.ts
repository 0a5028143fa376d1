import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What pip in a container is told of the user's pip, in pip's own variables; nothing else of the surroundings is. */
export interface PipSettings {
  readonly environment: Readonly<Record<string, string>>;
  /** Certificates and folders of packages that these name: a sandbox must let them be read. */
  readonly files: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where packages come from and how to get there. What says where to put them is the container's own. */
const NAMES = [
  "index-url",
  "extra-index-url",
  "no-index",
  "find-links",
  "trusted-host",
  "cert",
  "client-cert",
  "proxy",
  "timeout",
  "default-timeout",
  "retries",
  "constraint",
] as const;
const FILES = ["PIP_CERT", "PIP_CLIENT_CERT", "PIP_FIND_LINKS", "PIP_CONSTRAINT"];

/** By pip's own order: its files, then its variables; what other programs are told of a proxy and certificates, where pip is told nothing. */
export function pipSettings(env: Environment = process.env, etc = "/etc"): PipSettings {
  const found = new Map<string, string>();
  for (const file of configFiles(env, etc)) for (const [name, value] of readConfig(file)) found.set(name, value);
  for (const name of NAMES.map(variableOf)) {
    const value = env[name];
    if (value !== undefined) found.set(name, value);
  }
  fallBack(found, "PIP_CERT", [env["REQUESTS_CA_BUNDLE"], env["CURL_CA_BUNDLE"], env["SSL_CERT_FILE"]]);
  if (!isExempt(env, found.get("PIP_INDEX_URL") ?? "https://pypi.org"))
    fallBack(found, "PIP_PROXY", [either(env, "https_proxy"), either(env, "all_proxy"), either(env, "http_proxy")]);
  const environment = Object.fromEntries(found);
  const files = FILES.flatMap((name) => (environment[name] ?? "").split(/\s+/)).filter(
    (path) => path.startsWith("/") && existsSync(path),
  );
  return { environment, files };
}

function variableOf(name: string): string {
  return `PIP_${name.toUpperCase().replaceAll("-", "_")}`;
}

function fallBack(found: Map<string, string>, name: string, values: readonly (string | undefined)[]): void {
  const value = values.find((one) => one !== undefined && one !== "");
  if (!found.has(name) && value !== undefined) found.set(name, value);
}

/** pip's "Configuration Files": for the machine, for the user, then the one that a variable names; the last one counts. */
function configFiles(env: Environment, etc: string): readonly string[] {
  const own = env["PIP_CONFIG_FILE"];
  // pip: the null device turns all of them off.
  if (own === "/dev/null") return [];
  const home = env["HOME"] ?? homedir();
  const mac = ["/Library/Application Support/pip/pip.conf", join(home, "Library/Application Support/pip/pip.conf")];
  const shared = (env["XDG_CONFIG_DIRS"] ?? join(etc, "xdg")).split(":").map((folder) => join(folder, "pip/pip.conf"));
  return [
    ...(process.platform === "darwin" ? mac.slice(0, 1) : shared),
    join(etc, "pip.conf"),
    join(home, ".pip/pip.conf"),
    ...(process.platform === "darwin" ? mac.slice(1) : []),
    join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "pip/pip.conf"),
    ...(own === undefined ? [] : [own]),
  ];
}

/** `[global]`, then `[install]`, whatever their order in the file; a value goes on in the lines below it that are indented. */
function readConfig(file: string): [string, string][] {
  const sections: Record<string, Map<string, string>> = { global: new Map(), install: new Map() };
  let section: Map<string, string> | undefined;
  let name: string | undefined;
  for (const line of textOf(file).split("\n")) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const [, head] = /^\[([^\]]+)\]/.exec(line) ?? [];
    if (head !== undefined) [section, name] = [sections[head], undefined];
    else if (/^\s/.test(line) && name !== undefined)
      section?.set(name, `${section.get(name) ?? ""} ${line.trim()}`.trim());
    else {
      const [, key = "", value = ""] = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
      name = (NAMES as readonly string[]).includes(key.replaceAll("_", "-")) ? variableOf(key) : undefined;
      if (name !== undefined) section?.set(name, value.trim());
    }
  }
  return Object.values(sections).flatMap((one) => [...one]);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function either(env: Environment, name: string): string | undefined {
  return env[name] ?? env[name.toUpperCase()];
}

/** Whether no proxy is wanted on the way to the index. */
function isExempt(env: Environment, index: string): boolean {
  const host = URL.canParse(index) ? new URL(index).hostname : "";
  const exempt = (either(env, "no_proxy") ?? "").split(",").map((one) => one.trim().replace(/^\*?\./, ""));
  return exempt.some((one) => one === "*" || (one !== "" && (host === one || host.endsWith(`.${one}`))));
}
