import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPython } from "#test/cauce-process";
import { INSTALLING, oracleNode } from "./environments.ts";
import { EXCEPTIONS } from "./nag-exceptions.ts";
import { hostTemplate } from "../../src/pipeline/ec2/template.ts";
import { everySynth, PLACE } from "./projects.ts";

/** The instance of `--to ec2`. */
const HOST = {
  type: "t3.micro",
  zone: "us-east-1b",
  vpc: "vpc-0123456789abcdef0",
  gigabytes: 20,
  key: "vockey",
  sshFrom: "203.0.113.7/32",
  place: PLACE,
  packageDigest: "0".repeat(32),
};

/** The template of every kind of project, judged by AWS's own linter and by cdk-nag's rules. */
describe("templates", () => {
  let folder: string;
  const files: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cauce-templates-"));
    const templates = [
      ...(await everySynth(folder)).map(([kind, { template }]) => [kind, template] as const),
      ["host", hostTemplate(HOST, "0123456789abcdef")] as const,
      ["host-without-instance", hostTemplate(HOST, "0123456789abcdef", false)] as const,
    ];
    for (const [kind, template] of templates) {
      const file = join(folder, `${kind}.json`);
      await writeFile(file, JSON.stringify(template));
      files.push(file);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("cfn-lint finds nothing, informational rules included", async () => {
    const lint = ["-c", "import sys; from cfnlint.runner import main; sys.exit(main())", "--include-checks", "I"];
    const { code, stdout } = await runPython([...lint, "--template", ...files], {});
    expect({ code, stdout: stdout.replaceAll(folder, "") }).toEqual({ code: 0, stdout: "" });
  }, 120_000);

  describe("cdk-nag", () => {
    const findings: { template: string; rule: string; resource: string }[] = [];
    const isArgued = ({ rule, resource }: { rule: string; resource: string }) =>
      EXCEPTIONS.some((one) => one.rule.test(rule) && one.resource.test(resource));

    beforeAll(async () => {
      const nag = await oracleNode("nag");
      const ran = await promisify(execFile)(process.execPath, [join(nag, "check.mjs"), ...files], {
        maxBuffer: 1 << 27,
      });
      for (const [, found = ""] of ran.stdout.matchAll(/^FINDING (.*)$/gm)) findings.push(JSON.parse(found));
    }, INSTALLING);

    it("finds only what is argued in nag-exceptions.ts", () => {
      expect(findings.length).toBeGreaterThan(100);
      const open = findings.filter((finding) => !isArgued(finding));
      // Each once, however many kinds of project have it.
      const first = new Map(open.map((finding) => [`${finding.rule} ${finding.resource}`, finding.template]));
      expect([...first].map(([finding, template]) => `${finding} (e.g. in ${template})`)).toEqual([]);
    });

    it("finds all that is argued there: no exception outlives its reason", () => {
      const idle = EXCEPTIONS.filter(
        (one) => !findings.some(({ rule, resource }) => one.rule.test(rule) && one.resource.test(resource)),
      );
      expect(idle.map(({ rule }) => rule.source)).toEqual([]);
    });
  });
});
