import { CauceError } from "#core";
import { hasProject, holdProject, type Kept, loadProject, destroy as remove, removeEc2, removeEmptyHost } from "#app";
import { type Call, type Command, naming, textFlag } from "../command.ts";
import { changing, confirm, destinationOf, going, projectNamed } from "../destination.ts";

export const destroy: Command = {
  name: "destroy",
  takes: "[folder]",
  summary: "remove all that a project made; the table and the project's files stay",
  most: 1,
  options: {
    ...naming,
    ...going,
    ...changing,
    data: { type: "boolean", says: "the tables that were uploaded too, which --to aws keeps else" },
    all: {
      type: "boolean",
      says: "with --to ec2: the instance and every project on it, even when it does not answer",
      only: { to: ["ec2"] },
    },
  },
  async run(call) {
    const { config, output, signal } = call;
    if (call.flags["all"] === true) return destroyHost(call);
    const destination = await destinationOf(call);
    const { target } = destination;
    const project = await projectOf(call, target);
    await confirm(call, destination, { project, always: true });
    using _held = await holdProject(config, project, { signal, onWait: (message) => output.note(`  … ${message}`) });
    const removed: Record<string, number> = {};
    let kept: Kept | undefined;
    const any = await remove(target, project, {
      signal,
      keepsData: destination.profile.keepsData && call.flags["data"] !== true,
      onKept: (found) => (kept = found),
      onRemoved(what, count) {
        removed[what] = count;
        output.note(`  ✔ removed ${count} ${what}${count === 1 ? "" : "s"}`);
      },
    });
    output.say(any ? `\n${project} is gone.` : `There was nothing of ${project}.`);
    if (destination.base && (await removeEmptyHost(destination.base, target, { signal }))) {
      removed["instance"] = 1;
      output.say("It was the last one: instance, volume, address and the copies of its state are gone too.");
    }
    if (kept) output.say(keptSentence(call, project, kept));
    output.data({ project, removed, ...(kept && { kept }) });
  },
};

/** AWS: standard storage is charged by the month and the gigabyte; there is nothing else that a table costs while it lies there. */
function keptSentence(call: Call, project: string, { uri, objects, bytes }: Kept): string {
  const size = bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
  const to = textFlag(call, "to") ?? "aws";
  return `Kept: ${objects} file${objects === 1 ? "" : "s"} (${size}) in ${uri}. To remove the data too: cauce destroy --name ${project} --to ${to} --data`;
}

/** The instance of `--to ec2`, whether it answers or not. */
async function destroyHost(call: Call): Promise<void> {
  const { output, signal } = call;
  const one = call.words[0] ?? textFlag(call, "name") ?? textFlag(call, "stage");
  if (one !== undefined) throw notAll(one);
  const destination = await destinationOf(call, undefined, { baseOnly: true });
  if (!destination.base) throw new Error("--all came through where there is no instance.");
  await confirm(call, destination, { project: "the instance, and all projects on it,", always: true });
  const gone = await removeEc2(destination.base, { signal });
  output.say(gone ? "Instance, volume, address and the copies of its state are gone." : "There was no instance.");
  output.data({ removed: { instance: gone ? 1 : 0 } });
}

function notAll(one: string): CauceError {
  return new CauceError({
    code: "AllOfWhat",
    what: `--all removes every project, not ${one} alone.`,
    why: "It removes the instance, and all that is on it.",
    fix: `Leave --all away to remove ${one}, or name nothing to remove all.`,
  });
}

async function projectOf(call: Call, target: Parameters<typeof projectNamed>[1]): Promise<string> {
  const [folder] = call.words;
  const said = textFlag(call, "name");
  if (said === undefined && folder !== undefined && hasProject(folder)) {
    return (await loadProject(call.config, folder, { stage: textFlag(call, "stage") })).project.name;
  }
  return projectNamed(call, target, said ?? folder);
}
