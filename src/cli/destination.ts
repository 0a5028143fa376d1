import { createInterface } from "node:readline/promises";
import {
  confirmChange,
  type Destination,
  hasProject,
  loadProject,
  openDestination,
  TARGETS,
  type TargetName,
  whichProject,
} from "#app";
import { type Call, type Command, textFlag } from "./command.ts";

/** For commands that work somewhere. */
export const going: Command["options"] = {
  to: { type: "string", value: "TARGET", says: `${TARGETS.join(" or ")}; default: what the project says, embedded` },
  stage: { type: "string", value: "NAME", says: "another stack of the same project, e.g. staging" },
};

/** For those of them that change something. */
export const changing: Command["options"] = {
  yes: { type: "boolean", says: "do not ask whether account and region are right" },
};

/** Where the command goes: as said, as the project says, or the embedded AWS. */
export async function destinationOf(call: Call, project?: { readonly target?: TargetName }): Promise<Destination> {
  const { config, program, output } = call;
  const destination = await openDestination(config, {
    to: await targetSaid(call, project),
    program,
    onInterrupted: (sentence) => output.note(`  ! ${sentence}`),
  });
  if (destination.profile.confirms) output.note(`  ${describe(destination)}`);
  return destination;
}

/** The project that is meant there: as said, the one of this folder, or the only one. */
export function projectNamed(
  call: Call,
  target: Destination["target"],
  name = textFlag(call, "name"),
): Promise<string> {
  return whichProject(call.config, target, { name, stage: textFlag(call, "stage") });
}

/** `--to`; or what the project, or the project file of this folder, says. */
export async function targetSaid(call: Call, project?: { readonly target?: TargetName }): Promise<string> {
  const said = textFlag(call, "to");
  if (said !== undefined) return said;
  const found = project ?? (hasProject(".") ? (await loadProject(call.config, ".", {})).project : {});
  return found.target ?? "embedded";
}

/** Account, region and identity, in one line. */
export function describe({ target, who }: Destination): string {
  const at = target.endpoint === undefined ? "" : ` · at ${target.endpoint}, as AWS_ENDPOINT_URL says`;
  return `${target.name} · account ${target.account} · ${target.region}${at}${who === undefined ? "" : ` · ${who}`}`;
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
