import { relative } from "node:path";
import { CauceError, closest } from "#core";
import { type CiFiles, type CiSystem, loadProject, makeCi, SYSTEMS, writeCi, writeCiReport } from "#app";
import { type Call, type Command, limited, textFlag } from "../command.ts";
import { destinationOf, staging, where } from "../destination.ts";

export const ci: Command = {
  name: "ci",
  takes: "github|gitlab|report [folder]",
  summary: "write the pipeline of a repository: pull requests rehearsed here, the main branch to AWS",
  kinds: [...SYSTEMS, "report"],
  most: 2,
  options: {
    ...limited(
      { kind: SYSTEMS },
      {
        repository: { type: "string", value: "OWNER/NAME", says: "whom the role trusts; default: git's remote origin" },
        branch: { type: "string", value: "NAME", says: "the branch that goes to AWS; default: the remote's, or main" },
        region: { type: "string", value: "REGION", says: "default: the variable AWS_REGION of the repository" },
        node: { type: "string", value: "VERSION", says: "20, 22, …; default 22" },
        file: { type: "string", value: "FILE", says: "where the pipeline is written, from the top of the repository" },
        print: { type: "boolean", says: "write nothing, show the files" },
        force: { type: "boolean", says: "overwrite files that say something else", only: { without: "print" } },
      },
    ),
    ...limited(
      { kind: ["report"] },
      {
        link: { type: "string", value: "URL", says: "with report: the run that the report is of" },
        ...where,
      },
    ),
    ...staging,
  },
  async run(call) {
    const [word = "", folder = "."] = call.words;
    if (word === "report") return report(call, folder);
    await write(call, requireSystem(word), folder);
  },
};

async function write(call: Call, system: CiSystem, folder: string): Promise<void> {
  const { config, output } = call;
  const loaded = await loadProject(config, folder, {});
  const wish = (name: string) => textFlag(call, name);
  const made = makeCi(system, loaded, config.version, {
    repository: wish("repository"),
    branch: wish("branch"),
    stage: wish("stage"),
    region: wish("region"),
    node: wish("node"),
    file: wish("file"),
  });
  if (call.flags["print"] === true) {
    for (const { path, text } of made.files) output.say(`# ${path}\n${text}`);
    return output.data(made);
  }
  const written = writeCi(made, call.flags["force"] === true);
  output.say(written.length === 0 ? "Nothing has changed." : `Wrote ${written.join(", ")}.`);
  for (const line of nextSteps(system, made)) output.say(line);
  const { role, trusts } = made;
  output.data({ written, role, trusts });
}

function nextSteps(system: CiSystem, { role, trusts, include, root }: CiFiles): string[] {
  const template = relative(process.cwd(), `${root}/${role.template}`);
  return [
    "",
    ...(include === undefined ? [] : ["Let .gitlab-ci.yml include it:", "", ...indent(include), ""]),
    `Once, with the rights to make roles (it trusts ${trusts.repository}, branch ${trusts.branch}, and nobody else):`,
    "",
    `  aws cloudformation deploy --stack-name ${role.stack} --template-file ${template} --capabilities CAPABILITY_NAMED_IAM`,
    "",
    `Then set two variables of the repository (${WHERE[system]}): ${role.variable}, the stack's output RoleArn, and AWS_REGION.`,
  ];
}

const WHERE: Readonly<Record<CiSystem, string>> = {
  github: "Settings, Secrets and variables, Actions, Variables",
  gitlab: "Settings, CI/CD, Variables",
};

async function report(call: Call, folder: string): Promise<void> {
  const { config, output } = call;
  const stage = textFlag(call, "stage");
  const loaded = await loadProject(config, folder, { stage });
  const open = async () => (await destinationOf(call, loaded.project)).target;
  const { written, markdown } = await writeCiReport(loaded, open, { link: textFlag(call, "link") });
  output.say(markdown);
  output.data({ written });
}

function requireSystem(word: string): CiSystem {
  const known = SYSTEMS.find((one) => one === word);
  if (known) return known;
  const near = closest(word, [...SYSTEMS, "report"]);
  throw new CauceError({
    code: "CiUnknown",
    what: word === "" ? "Which pipeline?" : `Cauce writes no pipeline for "${word}".`,
    why: `It knows ${SYSTEMS.join(" and ")}; \`cauce ci report\` is for their jobs.`,
    fix: `cauce ci ${near ?? SYSTEMS[0]}`,
  });
}

function indent(text: string): string[] {
  return text.split("\n").map((line) => `  ${line}`);
}
