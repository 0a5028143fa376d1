import { hasProject, holdProject, loadProject, destroy as remove } from "#app";
import { type Call, type Command, naming, textFlag } from "../command.ts";
import { changing, confirm, destinationOf, going, projectNamed } from "../destination.ts";

export const destroy: Command = {
  name: "destroy",
  takes: "[folder]",
  summary: "remove all that a project made; the table and the project's files stay",
  most: 1,
  options: { ...naming, ...going, ...changing },
  async run(call) {
    const { config, output, signal } = call;
    const destination = await destinationOf(call);
    const { target } = destination;
    const project = await projectOf(call, target);
    await confirm(call, destination, { project, always: true });
    using _held = await holdProject(config, project, { signal, onWait: (message) => output.note(`  … ${message}`) });
    const removed: Record<string, number> = {};
    const any = await remove(target, project, {
      signal,
      onRemoved(what, count) {
        removed[what] = count;
        output.note(`  ✔ removed ${count} ${what}${count === 1 ? "" : "s"}`);
      },
    });
    output.say(any ? `\n${project} is gone.` : `There was nothing of ${project}.`);
    output.data({ project, removed });
  },
};

async function projectOf(call: Call, target: Parameters<typeof projectNamed>[1]): Promise<string> {
  const [folder] = call.words;
  const said = textFlag(call, "name");
  if (said === undefined && folder !== undefined && hasProject(folder)) {
    return (await loadProject(call.config, folder, { stage: textFlag(call, "stage") })).project.name;
  }
  return projectNamed(call, target, said ?? folder);
}
