import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isRecord, parseJson } from "#core";

/** What a pipeline has to know of the repository that a project's folder lies in. */
export interface Repository {
  /** Where the files for GitHub or GitLab belong. */
  readonly root: string;
  /** The project's folder in it, `.` for the root itself. */
  readonly path: string;
  /** `github.com`, `gitlab.com` or another host, and `owner/name` there; undefined without a remote. */
  readonly remote: { readonly host: string; readonly name: string } | undefined;
  /** What the remote deploys from, as far as git knows. */
  readonly branch: string;
  /** The folder whose package.json asks for Cauce, relative to the root; undefined when there is none. */
  readonly npm: { readonly path: string; readonly locked: boolean } | undefined;
}

/** Reads git and package.json; a folder outside of any repository is taken for the root of one to come. */
export function readRepository(folder: string): Repository {
  const full = realpathSync(resolve(folder));
  const top = git(full, "rev-parse", "--show-toplevel");
  const root = top === undefined ? full : realpathSync(top);
  const path = slashed(relative(root, full)) || ".";
  const head = git(full, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")?.replace(/^origin\//, "");
  return {
    root,
    path,
    remote: parseRemote(git(full, "remote", "get-url", "origin")),
    branch: head ?? "main",
    npm: findNpm(root, full),
  };
}

/** `git@host:owner/name.git`, `ssh://git@host/owner/name`, `https://host/owner/name.git`. */
export function parseRemote(url: string | undefined): Repository["remote"] {
  const match = /^(?:[a-z+]+:\/\/(?:[^@/]+@)?([^/:]+)(?::\d+)?\/|(?:[^@/]+@)?([^/:]+):)(.+?)(?:\.git)?\/?$/i.exec(
    url ?? "",
  );
  const [host, name] = [match?.[1] ?? match?.[2], match?.[3]];
  return host !== undefined && name?.includes("/") ? { host: host.toLowerCase(), name } : undefined;
}

/** The nearest package.json at or above the project that has Cauce among its dependencies. */
function findNpm(root: string, folder: string): Repository["npm"] {
  for (let at = folder; ; at = dirname(at)) {
    if (asksForCauce(join(at, "package.json"))) {
      return { path: slashed(relative(root, at)) || ".", locked: existsSync(join(at, "package-lock.json")) };
    }
    if (at === root || at === dirname(at)) return undefined;
  }
}

function asksForCauce(file: string): boolean {
  if (!existsSync(file)) return false;
  const found = parseJson(readFileSync(file, "utf8"));
  if (!isRecord(found)) return false;
  return ["dependencies", "devDependencies"].some((kind) => isRecord(found[kind]) && "cauce" in found[kind]);
}

/** Undefined when git is not there, or has nothing to say. */
function git(folder: string, ...words: string[]): string | undefined {
  try {
    const said = execFileSync("git", ["-C", folder, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return said.trim() || undefined;
  } catch {
    return undefined;
  }
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
