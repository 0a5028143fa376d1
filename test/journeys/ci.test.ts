import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { STS } from "@aws-sdk/client-sts";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";
import { type CodeHost, startCodeHost } from "#test/code-host";
import { makeRole, runScript } from "#test/pipeline-runner";
import { startTokenIssuer, type TokenIssuer } from "#test/token-issuer";

const ROOT = resolve(import.meta.dirname, "../..");
const REPOSITORY = "acme/models";

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A repository's pipelines, their commands run as the runner would: the machine is this one, AWS is another home's server, GitHub and
 * GitLab are a server that keeps comments, and who signs their tokens is an issuer with a key of its own.
 */
describe("a repository with a pipeline", { timeout: 300_000 }, () => {
  let runner: CauceHome;
  let account: CauceHome;
  let host: CodeHost;
  let issuer: TokenIssuer;
  let folder: string;

  beforeAll(async () => {
    [runner, account, host, issuer] = await Promise.all([
      openHome(),
      openHome(),
      startCodeHost("secret"),
      startTokenIssuer(),
    ]);
    folder = join(runner.work, "models");
    mkdirSync(join(folder, "our models"), { recursive: true });
    copyFileSync(join(import.meta.dirname, "penguins.csv"), join(folder, "our models/penguins.csv"));
    const project = `{ name: "penguins", target: "aws", data: { source: "penguins.csv", target: "species" } }`;
    writeFileSync(
      join(folder, "our models/cauce.config.ts"),
      `import { defineProject } from "cauce";\nexport default defineProject(${project});\n`,
    );
    writeFileSync(join(folder, "package.json"), JSON.stringify({ devDependencies: { cauce: "*" } }));
    // As npm leaves it.
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    symlinkSync(ROOT, join(folder, "node_modules/cauce"));
    symlinkSync("../cauce/dist/cli.js", join(folder, "node_modules/.bin/cauce"));
    await promisify(execFile)("git", ["init", "-q", folder]);
  });
  afterAll(async () => {
    await Promise.all([runner, account, host, issuer].map((one) => one[Symbol.asyncDispose]()));
  });

  /** One step, in the project's folder. */
  const run = (script: string, env: Record<string, string> = {}, cwd = join(folder, "our models")) =>
    runScript(script, { cwd, env: { CAUCE_HOME: runner.home, CAUCE_PORT: "0", ...env } });

  const cauce = (...words: string[]) => runner.cauce(words, { cwd: join(folder, "our models") });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const results = (file: string) => read(`our models/cauce.out/ci/${file}`);

  it("is not written without knowing whom the role is to trust", async () => {
    const asked = await cauce("ci", "github", "--json");
    expect(asked.lines.at(-1)).toMatchObject({ error: { code: "RepositoryUnknown" } });
    const evil = await cauce("ci", "github", "--repository", "acme/*", "--json");
    expect(evil.lines.at(-1)).toMatchObject({ error: { code: "RepositoryUnusable" } });
    expect((await cauce("ci", "gitbub", "--json")).lines.at(-1)).toMatchObject({
      error: { code: "CiUnknown", fix: "cauce ci github" },
    });
  });

  it("is written, once, and not over somebody's changes", async () => {
    await promisify(execFile)("git", ["-C", folder, "remote", "add", "origin", `git@github.com:${REPOSITORY}.git`]);
    const made = await cauce("ci", "github", "--json");
    const written = [".github/workflows/cauce.yml", "our models/cauce-ci-role.yml"];
    expect(made.lines.at(-1)).toMatchObject({ written, trusts: { repository: REPOSITORY, branch: "main" } });
    expect((await cauce("ci", "github", "--json")).lines.at(-1)).toMatchObject({ written: [] });
    const changed = `# ours\n${read(written[0] ?? "")}`;
    writeFileSync(join(folder, written[0] ?? ""), changed);
    const again = await cauce("ci", "github", "--json");
    expect(again.lines.at(-1)).toMatchObject({ error: { code: "CiFileExists" } });
    expect(read(written[0] ?? "")).toBe(changed);
    await cauce("ci", "github", "--force");
    expect(read(written[0] ?? "")).not.toBe(changed);
  });

  describe("on GitHub", () => {
    const jobs = () => (parse(read(".github/workflows/cauce.yml")) as { jobs: Record<string, { steps: Step[] }> }).jobs;
    const step = (job: string, name: string): Step => {
      const found = jobs()[job]?.steps.find((one) => one.name === name);
      if (!found?.run) throw new Error(`The job ${job} has no command ${name}.`);
      return found;
    };
    const values: Readonly<Record<string, string>> = {
      "github.server_url": "https://github.com",
      "github.repository": REPOSITORY,
      "github.run_id": "7",
      "github.token": "secret",
      "github.event.pull_request.number": "12",
      "vars.CAUCE_ROLE_ARN": "",
      "vars.AWS_REGION": "us-east-1",
    };
    /** GitHub puts values in before the shell sees anything: only in `env`, never into a command. */
    const given = (env: Step["env"] = {}) =>
      Object.fromEntries(
        Object.entries(env).map(([name, text]) => [
          name,
          text.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, key: string) => {
            const value = values[key];
            if (value === undefined) throw new Error(`The test does not know ${key}.`);
            return value;
          }),
        ]),
      );
    const runStep = (job: string, name: string, env: Record<string, string> = {}, cwd?: string) => {
      const { run: script = "", env: own } = step(job, name);
      expect(script).not.toContain("${{");
      const files = { GITHUB_OUTPUT: join(runner.work, "output"), GITHUB_STEP_SUMMARY: join(runner.work, "summary") };
      return run(
        script,
        { GITHUB_API_URL: host.url, GITHUB_REPOSITORY: REPOSITORY, ...files, ...given(own), ...env },
        cwd,
      );
    };

    it("rehearses a pull request on the embedded AWS, whatever the project's target is", async () => {
      expect(await runStep("rehearse", "Which Python")).toMatchObject({ code: 0 });
      expect(readFileSync(join(runner.work, "output"), "utf8")).toMatch(/^version=3\.\d+/);
      expect(await runStep("rehearse", "Check")).toMatchObject({ code: 0 });
      expect(await runStep("rehearse", "Rehearse")).toMatchObject({ code: 0 });
      const last = JSON.parse(results("up.jsonl").trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
      expect(last).toMatchObject({ project: "penguins", task: "multiclass" });
    });

    it("reports the scores beside those of the main branch, with the plots", async () => {
      writeFileSync(
        join(folder, "our models/cauce.out/ci/before.jsonl"),
        `{"step":"x"}\n${JSON.stringify({ project: "penguins", metrics: { accuracy: 0.5 } })}\n`,
      );
      expect(await runStep("rehearse", "Report")).toMatchObject({ code: 0 });
      const comment = results("comment.md");
      expect(comment.split("\n")[0]).toBe("<!-- cauce: penguins -->");
      expect(comment).toMatch(/\| accuracy \| \*\*[\d.]+\*\* \| 0\.5 \| \+[\d.]+ \|/);
      expect(comment).toContain(`https://github.com/${REPOSITORY}/actions/runs/7`);
      expect(readFileSync(join(runner.work, "summary"), "utf8")).toBe(comment);
      expect(results("evaluation/confusion.svg")).toContain("<svg");
      expect(JSON.parse(results("evaluation/evaluation.json"))).toMatchObject({ cauce: { task: "multiclass" } });
      expect(results("metrics.txt")).toMatch(/^cauce_accuracy [\d.]+$/m);
    });

    it("comments once, and keeps that comment up to date", async () => {
      const mark = "<!-- cauce: penguins -->";
      host.comments.push({ id: 1, body: `${mark} somebody's own`, user: { type: "User" } });
      const artifact = join(folder, "our models/cauce.out/ci");
      expect(await runStep("comment", "Comment", {}, artifact)).toMatchObject({ code: 0 });
      expect(host.comments).toHaveLength(2);
      writeFileSync(join(artifact, "comment.md"), `${mark}\nthe next push`);
      expect(await runStep("comment", "Comment", {}, artifact)).toMatchObject({ code: 0 });
      expect(host.comments.map(({ body }) => body)).toEqual([`${mark} somebody's own`, `${mark}\nthe next push`]);
      expect(host.asked).toContain(`PATCH /repos/${REPOSITORY}/issues/comments/2`);
      const refused = await runStep("comment", "Comment", { GITHUB_TOKEN: "another" }, artifact);
      expect(refused.code).not.toBe(0);
    });

    it("says what is missing where there is no role yet", async () => {
      const asked = await runStep("deploy", "Is there a role?");
      expect(asked).toMatchObject({ code: 1, said: expect.stringContaining("CAUCE_ROLE_ARN") as string });
      expect(await runStep("deploy", "Is there a role?", { ROLE: "arn" })).toMatchObject({ code: 0 });
    });

    it("deploys from the main branch with a token for credentials, and from no other", async () => {
      const RoleArn = await deployRole("our models/cauce-ci-role.yml", "token.actions.githubusercontent.com");
      const nobody = new STS({ endpoint: account.endpoint(), region: "us-east-1" });
      const assume = (sub: string) => {
        const WebIdentityToken = issuer.token({ sub, aud: "sts.amazonaws.com" });
        return nobody.assumeRoleWithWebIdentity({
          RoleArn,
          RoleSessionName: "cauce-7",
          DurationSeconds: 7200,
          WebIdentityToken,
        });
      };
      for (const sub of [
        `repo:${REPOSITORY}:pull_request`,
        `repo:${REPOSITORY}:ref:refs/heads/feature`,
        `repo:${REPOSITORY}:ref:refs/tags/main`,
        "repo:acme/other:ref:refs/heads/main",
        "repo:acme@1/models-too@2:ref:refs/heads/main",
        "repo:acme-too@1/models@2:ref:refs/heads/main",
      ]) {
        await expect(assume(sub)).rejects.toMatchObject({ name: "AccessDenied" });
      }
      await expect(assume(`repo:${REPOSITORY}:ref:refs/heads/main`)).resolves.toBeDefined();
      // As repositories made since June 2026 say it.
      const { Credentials } = await assume("repo:acme@123/models@456:ref:refs/heads/main");
      const session = {
        AWS_ENDPOINT_URL: account.endpoint(),
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
        AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
        AWS_SESSION_TOKEN: Credentials?.SessionToken ?? "",
      };
      for (const name of ["Plan", "Deploy", "Report"]) {
        expect(await runStep("deploy", name, session)).toMatchObject({ code: 0 });
      }
      const up = JSON.parse(results("up.jsonl").trim().split("\n").at(-1) ?? "") as { url: string };
      expect(up.url.startsWith(account.endpoint())).toBe(true);
      expect(results("comment.md")).toContain("| accuracy |");
    });
  });

  describe("on GitLab", () => {
    const scripts = (job: string) => {
      const jobs = parse(read(".gitlab-ci.yml")) as Record<string, { script: string[]; after_script?: string[] }>;
      const found = jobs[job];
      if (!found) throw new Error(`There is no job ${job}.`);
      return { script: found.script.join("\n"), after: found.after_script?.join("\n") ?? "" };
    };
    const variables = () => ({
      CI_PROJECT_DIR: folder,
      CI_API_V4_URL: `${host.url}/api/v4`,
      CI_PROJECT_ID: "5",
      CI_JOB_TOKEN: "job",
      CI_MERGE_REQUEST_IID: "3",
      CI_PIPELINE_ID: "9",
      CI_PIPELINE_URL: "https://gitlab.com/acme/models/-/pipelines/9",
    });

    it("rehearses, reports and comments likewise", async () => {
      const made = await cauce("ci", "gitlab", "--stage", "staging", "--file", ".gitlab-ci.yml", "--json");
      expect(made.lines.at(-1)).toMatchObject({ role: { stack: "cauce-ci-penguins-staging" } });
      const kept = "/api/v4/projects/5/jobs/artifacts/main/raw/our%20models/cauce.out/ci/up.jsonl";
      host.artifacts.set(kept, `${JSON.stringify({ metrics: { accuracy: 0.25 } })}\n`);
      const { script, after } = scripts("cauce-penguins-rehearse");
      expect(await run(script, variables())).toMatchObject({ code: 0 });
      expect(await run(after, variables(), folder)).toMatchObject({ code: 0 });
      expect(results("comment.md")).toMatch(/\| accuracy \| \*\*[\d.]+\*\* \| 0\.25 \|/);
      host.comments.length = 0;
      const comment = scripts("cauce-penguins-comment").script;
      for (const _ of [1, 2])
        expect(await run(comment, { ...variables(), CAUCE_COMMENT_TOKEN: "secret" }, folder)).toMatchObject({
          code: 0,
        });
      expect(host.comments.map(({ body }) => body)).toEqual([results("comment.md")]);
    });

    it("deploys as a stage, the token alone in the hand", async () => {
      const role = await deployRole("our models/cauce-ci-role-staging.yml", "gitlab.com");
      const job = (ref: string) => ({
        ...variables(),
        AWS_ENDPOINT_URL: account.endpoint(),
        AWS_REGION: "us-east-1",
        AWS_ROLE_ARN: role,
        AWS_ROLE_SESSION_NAME: "cauce-9",
        AWS_WEB_IDENTITY_TOKEN_FILE: join(runner.work, "token"),
        CAUCE_ID_TOKEN: issuer.token({
          sub: `project_path:${REPOSITORY}:ref_type:branch:ref:${ref}`,
          aud: "sts.amazonaws.com",
        }),
      });
      const { script, after } = scripts("cauce-penguins-deploy-staging");
      const refused = await run(script, job("feature"));
      expect(refused).toMatchObject({ code: 1, said: expect.stringContaining("AssumeRoleWithWebIdentity") as string });
      expect(await run(script, job("main"))).toMatchObject({ code: 0 });
      expect(await run(after, job("main"), folder)).toMatchObject({ code: 0 });
      expect(results("up.jsonl")).toContain(`"project":"penguins-staging"`);
      expect(results("comment.md")).toContain("penguins-staging");
    });
  });

  /** As `aws cloudformation deploy` would; only who signs the tokens is the issuer of this test. */
  const deployRole = async (file: string, from: string) =>
    makeRole(await account.awsVariables(), read(file).replaceAll(from, issuer.host), issuer.thumbprint);
});
