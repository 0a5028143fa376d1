import { describe, expect, it } from "vitest";
import { TARGETS } from "#app";
import { CauceError } from "#core";
import { commands } from "./commands/index.ts";
import { requireUseful, requireUsefulAt } from "./useful.ts";

/** What is refused of `cauce …`, by name; undefined when every option has a use. */
function refused(line: string, to?: string): string | undefined {
  const [name, ...rest] = line.split(" ");
  const command = commands.find((one) => one.name === name);
  if (!command) throw new Error(`There is no command ${name}.`);
  const words = rest.filter((word) => !word.startsWith("--"));
  const flags = Object.fromEntries(rest.filter((word) => word.startsWith("--")).map((flag) => [flag.slice(2), "x"]));
  for (const flag of ["rehearse", "print", "apply"]) if (flag in flags) Object.assign(flags, { [flag]: true });
  for (const flag of Object.keys(flags)) expect(Object.keys(command.options)).toContain(flag);
  try {
    requireUseful({ command, words, flags });
    if (to !== undefined) requireUsefulAt({ command, words, flags }, to);
    return undefined;
  } catch (error) {
    if (error instanceof CauceError) return `${error.explanation.code}: ${error.message}`;
    throw error;
  }
}

describe("an option that would be ignored is refused by its name", () => {
  it.each([
    ["bootstrap ec2 --name", "`cauce bootstrap ec2` has no use for --name. It is for `cauce bootstrap aws`."],
    ["bootstrap ec2 --source", "--source"],
    ["bootstrap ec2 --vpc", "--vpc"],
    ["bootstrap aws --vpc", "`cauce bootstrap aws` without --name has no use for --vpc."],
    ["bootstrap aws --role --trust", "--role"],
    ["ci github --link", "It is for `cauce ci report`."],
    ["ci gitlab --to", "--to"],
    ["ci report --branch", "It is for `cauce ci github` and `cauce ci gitlab`."],
    ["ci github --print --force", "The two do not go together."],
  ])("%s", (line, says) => {
    expect(refused(line)).toContain(says);
    expect(refused(line)).toMatch(/^OptionUnused: /);
  });

  it.each([
    ["up --key", "aws", "`cauce up --to aws` has no use for --key. It is for --to ec2."],
    ["run --ssh-from", "embedded", "--ssh-from"],
    ["deploy --type", "embedded", "--type"],
    ["status --rehearse", "aws", "--rehearse"],
    ["plan --requests", "embedded", "It is for --to aws."],
    ["plan --requests", "ec2", "It is for --to aws."],
    ["up --port", "aws", "It is for --to embedded."],
    ["logs --port", "ec2", "--port"],
    ["destroy --all", "aws", "It is for --to ec2."],
  ])("%s where it goes to %s", (line, to, says) => expect(refused(line, to)).toContain(says));

  it.each([
    ["bootstrap aws --name --vpc --source", undefined],
    ["bootstrap ec2 --apply --role --trust", undefined],
    ["bootstrap --vpc", undefined],
    ["ci report --link --stage --to", undefined],
    ["ci github --branch --stage", undefined],
    ["plan --requests --stage", "aws"],
    ["up --type --key --rehearse --port", "ec2"],
    ["up --port --stage", "embedded"],
    ["destroy --all --yes", "ec2"],
  ])("but not in: %s %s", (line, to) => expect(refused(line, to)).toBeUndefined());
});

it("what the help says belongs to another option or target is checked too", () => {
  const unchecked = commands.flatMap(({ name, options }) =>
    Object.entries(options)
      .filter(([, { says, only }]) => says.startsWith("with ") && only === undefined)
      .map(([option]) => `${name} --${option}`),
  );
  expect(unchecked).toEqual([]);
  const places = commands.flatMap(({ options }) => Object.values(options).flatMap(({ only }) => only?.to ?? []));
  expect(places.filter((one) => !TARGETS.includes(one))).toEqual([]);
});
