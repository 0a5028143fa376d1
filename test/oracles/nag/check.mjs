// cdk-nag's AwsSolutions and Serverless rules over CloudFormation templates: node check.mjs <template.json>…
// Prints a line of JSON for each finding: { template, rule, resource }.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";

const files = process.argv.slice(2);
const outdir = mkdtempSync(join(tmpdir(), "cauce-nag-"));
try {
  const app = new App({ outdir, analyticsReporting: false });
  files.forEach((templateFile, i) => new CfnInclude(new Stack(app, `T${i}`), "It", { templateFile }));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const { pluginReports } = reportOf(app);
  for (const { violations } of pluginReports)
    for (const { ruleName, violatingConstructs } of violations)
      for (const { constructPath } of violatingConstructs) {
        const [stack, , resource] = constructPath.split("/");
        const template = basename(files[Number(stack.slice(1))] ?? "", ".json");
        process.stdout.write(`FINDING ${JSON.stringify({ template, rule: ruleName, resource })}\n`);
      }
  if (pluginReports.length !== 2) throw new Error(`Only ${pluginReports.length} of the two rule packs have reported.`);
} finally {
  rmSync(outdir, { recursive: true, force: true });
}
process.exitCode = 0;

/** Synthesis throws when any rule has found anything; the report says what. */
function reportOf(app) {
  const report = join(outdir, "validation-report.json");
  try {
    app.synth();
  } catch (error) {
    if (!existsSync(report)) throw error;
  }
  return JSON.parse(readFileSync(report, "utf8"));
}
