import { createInterface } from "node:readline/promises";
import {
  confirmChange,
  type Destination,
  type DestinationOptions,
  hasProject,
  loadProject,
  openDestination,
  TARGETS,
  type TargetName,
  whichProject,
} from "#app";
import { type Call, type Command, limited, reaching, textFlag } from "./command.ts";
import { hostSentence } from "./render/cost.ts";
import type { createProgress } from "./render/progress.ts";
import { requireUsefulAt } from "./useful.ts";

/** Where a command works. */
export const where: Command["options"] = {
  to: { type: "string", value: "TARGET", says: `${TARGETS.join(" or ")}; default: what the project says, embedded` },
  rehearse: {
    type: "boolean",
    says: "with --to ec2: the instance is a second server, in the embedded AWS",
    only: { to: ["ec2"] },
  },
  ...limited({ to: ["embedded"] }, reaching),
};

/** Which stack of a project. */
export const staging: Command["options"] = {
  stage: { type: "string", value: "NAME", says: "another stack of the same project, e.g. staging" },
};

/** For commands that work somewhere on a project. */
export const going: Command["options"] = { ...where, ...staging };

/** For those that make the instance of `--to ec2`. */
export const hosting: Command["options"] = limited(
  { to: ["ec2"] },
  {
    type: { type: "string", value: "TYPE", says: "with --to ec2: t3.micro, t2.micro, …" },
    key: { type: "string", value: "NAME", says: "with --to ec2: a key pair, for SSH" },
    "ssh-from": {
      type: "string",
      value: "CIDR",
      says: "with --to ec2: who may try SSH, e.g. 203.0.113.7/32; nobody else",
    },
  },
);

/** For those of them that change something. */
export const changing: Command["options"] = {
  yes: { type: "boolean", says: "do not ask whether account and region are right" },
};

/** Where the command goes: as said, as the project says, or the embedded AWS. */
export async function destinationOf(
  call: Call,
  project?: { readonly target?: TargetName },
  more: Pick<DestinationOptions, "host" | "baseOnly"> = {},
): Promise<Destination> {
  const { config, program, output } = call;
  const destination = await openDestination(config, {
    ...more,
    to: await targetSaid(call, project),
    rehearse: call.flags["rehearse"] === true,
    program,
    onInterrupted: (sentence) => output.note(`  ! ${sentence}`),
  });
  if (destination.profile.confirms) output.note(`  ${describe(destination)}`);
  return destination;
}

/** Where the command goes when it makes what is missing there: asked for first, then prepared. */
export async function preparedDestination(
  call: Call,
  project: { readonly name: string; readonly target?: TargetName },
  view: Pick<ReturnType<typeof createProgress>, "show">,
  costs?: (region: string) => string,
): Promise<Destination> {
  const destination = await destinationOf(call, project, { host: hostOf(call, view) });
  const { profile, target } = destination;
  if (profile.name === "aws" && costs) call.output.note(`  ${costs(target.region)}`);
  if (profile.name === "ec2" && profile.confirms)
    call.output.note(`  ${hostSentence(target.region, textFlag(call, "type"))}`);
  await confirm(call, destination, { project: project.name });
  return { ...destination, target: (await destination.prepare?.()) ?? destination.target };
}

function hostOf(
  call: Call,
  view: Pick<ReturnType<typeof createProgress>, "show">,
): NonNullable<DestinationOptions["host"]> {
  const [type, key, sshFrom] = ["type", "key", "ssh-from"].map((name) => textFlag(call, name));
  return {
    wishes: {
      ...(type !== undefined && { type }),
      ...(key !== undefined && { key }),
      ...(sshFrom !== undefined && { sshFrom }),
    },
    signal: call.signal,
    onProgress: view.show,
    onNote: (sentence) => call.output.note(`  … ${sentence}`),
  };
}

/** The project that is meant there: as said, the one of this folder, or the only one. */
export function projectNamed(
  call: Call,
  target: Destination["target"],
  name = textFlag(call, "name"),
): Promise<string> {
  return whichProject(call.config, target, { name, stage: textFlag(call, "stage") });
}

/** `--to`; or what the project, or the project file of this folder, says. Options that mean nothing there are refused. */
export async function targetSaid(call: Call, project?: { readonly target?: TargetName }): Promise<string> {
  const name = textFlag(call, "to") ?? (await targetOfProject(call, project)) ?? "embedded";
  requireUsefulAt(call, name);
  return name;
}

async function targetOfProject(call: Call, project?: { readonly target?: TargetName }): Promise<string | undefined> {
  const found = project ?? (hasProject(".") ? (await loadProject(call.config, ".", {})).project : {});
  return found.target;
}

/** Account, region and identity, in one line. */
export function describe({ profile, target, who }: Destination): string {
  const said = profile.name === "aws" ? ", as AWS_ENDPOINT_URL says" : "";
  const at = target.endpoint === undefined ? "" : ` · at ${target.endpoint}${said}`;
  return `${profile.name} · account ${target.account} · ${target.region}${at}${who === undefined ? "" : ` · ${who}`}`;
}

/** Asks before the first change to somebody's account. */
export async function confirm(
  call: Call,
  destination: Destination,
  change: { readonly project: string; readonly always?: boolean },
): Promise<void> {
  const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true && !call.output.json;
  const yes = call.flags["yes"] === true;
  await confirmChange(call.config, destination, { ...change, yes, ask: terminal ? askPerson(call) : undefined });
}

function askPerson({ signal }: Call): (question: string) => Promise<boolean> {
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
    } finally {
      lines.close();
    }
  };
}
