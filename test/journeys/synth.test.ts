import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, copyExample, openHome, runPython } from "#test/cauce-process";

/** What `synth` writes is what AWS gets: judged by AWS's own linter and by botocore's models of the operations that a pipeline calls. */
describe("cauce synth", { timeout: 120_000 }, () => {
  let user: CauceHome;
  const out = () => join(user.work, "out");

  beforeAll(async () => {
    user = await openHome();
    await copyExample("churn", join(user.work, "churn"));
    const { code, lines } = await user.cauce(["synth", "churn", "--out", "out", "--json"]);
    expect({ code, lines }).toMatchObject({ code: 0, lines: [{ folder: "out" }] });
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("writes a template that cfn-lint finds nothing in", async () => {
    const { code, stdout } = await runPython(
      ["-c", "import sys; from cfnlint.runner import main; sys.exit(main())", join(out(), "template.json")],
      {},
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("writes steps whose arguments AWS's models accept", async () => {
    const script = join(import.meta.dirname, "check_steps.py");
    const { code, stdout, stderr } = await runPython([script, join(out(), "pipeline.json")], {});
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      Prepare: "CreateProcessingJob",
      Train: "CreateTrainingJob",
      Evaluate: "CreateProcessingJob",
      Register: "CreateModelPackage",
    });
  });

  it("needs no server, and writes the same again", async () => {
    const list =
      "import hashlib, json, pathlib, sys\nroot = pathlib.Path(sys.argv[1])\nprint(json.dumps({str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(root.rglob('*')) if p.is_file()}))";
    const before = (await runPython(["-c", list, out()], {})).lines;
    expect((await user.cauce(["synth", "churn", "--out", "out"])).code).toBe(0);
    expect((await runPython(["-c", list, out()], {})).lines).toEqual(before);
    expect((await user.cauce(["status", "--json"])).lines.at(-1)).not.toHaveProperty("server.endpoint");
  });

  it("does not replace a folder that holds anything else", async () => {
    const { code, lines } = await user.cauce(["synth", "churn", "--out", "churn", "--json"]);
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ error: { code: "FolderInUse" } });
    expect((await user.cauce(["synth", "churn", "--out", "out"])).code).toBe(0);
  });
});
