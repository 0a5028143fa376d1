import {
  applyPolicies,
  type Bootstrapped,
  type Granting,
  hasProject,
  loadProject,
  policiesFor,
  type Purpose,
  readTrust,
} from "#app";
import { CauceError } from "#core";
import { type Call, type Command, limited, naming, textFlag } from "../command.ts";
import { changing, confirm, destinationOf } from "../destination.ts";
import { policyLines } from "../render/policies.ts";

export const bootstrap: Command = {
  name: "bootstrap",
  takes: "aws | ec2",
  summary: "the least IAM policy of who deploys (aws), or makes the instance (ec2); printed, or applied",
  kinds: ["aws", "ec2"],
  most: 1,
  options: {
    ...limited({ kind: ["aws"] }, naming),
    ...limited(
      { kind: ["aws"], with: "name" },
      {
        vpc: { type: "boolean", says: "with --name: its table is a database in a VPC" },
        source: { type: "string", value: "S3", says: "with --name: its table, when that stays in a bucket of its own" },
      },
    ),
    ...changing,
    apply: { type: "boolean", says: "make or update it in the account" },
    ...limited(
      { with: "apply" },
      {
        role: { type: "string", value: "NAME", says: "with --apply: a role that has it; made when it is missing" },
        trust: {
          type: "string",
          value: "WHO",
          says: "with --role: who may take it: an ARN, or a file with a trust policy",
        },
      },
    ),
  },
  async run(call) {
    const { output, words, flags } = call;
    if (words[0] !== "aws" && words[0] !== "ec2") throw where(words[0]);
    const role = readTrust(textFlag(call, "role"), textFlag(call, "trust"));
    const destination = await destinationOf({ ...call, flags: { ...flags, to: "aws" } });
    const purpose = words[0] === "ec2" ? { makes: "host" as const } : { deploys: await projectSaid(call) };
    if (flags["apply"] !== true) {
      const policies = await policiesFor(destination.target, purpose);
      for (const line of policyLines(policies, purpose)) output.say(line);
      return output.data({ policies });
    }
    await confirm(call, destination, { project: `the policy of who ${sentenceOf(purpose)}` });
    const made = await applyPolicies(destination.target, { purpose, role });
    for (const line of madeLines(made)) output.say(line);
    output.data(made);
  },
};

/** As said, or the project of this folder; none is all of them. */
async function projectSaid(call: Call): Promise<Granting | undefined> {
  const name = textFlag(call, "name");
  if (name !== undefined) return { name, source: textFlag(call, "source"), vpc: call.flags["vpc"] === true };
  if (!hasProject(".")) return undefined;
  const { project } = await loadProject(call.config, ".", {});
  return { name: project.name, source: project.data.source, vpc: project.data.vpc !== undefined };
}

function sentenceOf(purpose: Purpose): string {
  return "makes" in purpose ? "makes the instance" : `deploys ${purpose.deploys?.name ?? "any project"}`;
}

function madeLines({ policies, role }: Bootstrapped): string[] {
  const lines = policies.map(({ arn, action }) => `${action.padEnd(9)} ${arn}`);
  if (role) return [...lines, `${role.action.padEnd(9)} ${role.arn}`];
  const [first] = policies;
  return [
    ...lines,
    "",
    "Give it to whoever it is for, e.g.",
    `  aws iam attach-user-policy --user-name NAME --policy-arn ${first?.arn ?? ""}${policies.length > 1 ? " (and the others)" : ""}`,
  ];
}

function where(said: string | undefined): CauceError {
  return new CauceError({
    code: "BootstrapWhere",
    what: said === undefined ? "Where to is missing." : `There is nothing to prepare in "${said}".`,
    why: "Only AWS wants somebody's permissions.",
    fix: "cauce bootstrap aws, or cauce bootstrap ec2 for the instance of --to ec2",
  });
}
