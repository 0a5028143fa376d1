import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseRemote, readRepository } from "./repository.ts";

it.each([
  ["git@github.com:acme/models.git", "github.com", "acme/models"],
  ["https://github.com/acme/models", "github.com", "acme/models"],
  ["https://user:secret@gitlab.com/group/sub/project.git", "gitlab.com", "group/sub/project"],
  ["ssh://git@git.example.com:2222/group/project.git/", "git.example.com", "group/project"],
])("knows the repository of %s", (url, host, name) => {
  expect(parseRemote(url)).toEqual({ host, name });
});

it.each([undefined, "/srv/git/models", "nonsense"])("knows none of %s", (url) => {
  expect(parseRemote(url)).toBeUndefined();
});

describe("a folder of a repository", () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "cauce-repository-")));
    mkdirSync(join(root, "a/b"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is found from its top, with the package.json that asks for Cauce", () => {
    execFileSync("git", ["init", "-q", root]);
    writeFileSync(join(root, "package.json"), `{"dependencies":{"cauce":"1"}}`);
    writeFileSync(join(root, "a/package.json"), `{"dependencies":{"other":"1"}}`);
    expect(readRepository(join(root, "a/b"))).toEqual({
      root,
      path: "a/b",
      remote: undefined,
      branch: "main",
      npm: { path: ".", locked: false },
    });
  });

  it("is the root of one to come where there is none", () => {
    expect(readRepository(join(root, "a"))).toMatchObject({ root: join(root, "a"), path: ".", npm: undefined });
  });
});
