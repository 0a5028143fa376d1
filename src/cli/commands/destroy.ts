import { embeddedTarget, hasProject, holdProject, loadProject, destroy as remove, whichProject } from "#app";
import { type Call, type Command, naming, textFlag } from "../command.ts";

export const destroy: Command = {
  name: "destroy",
  takes: "[folder]",
  summary: "remove all that a project made; the table and the project's files stay",
  most: 1,
  options: naming,
  async run(call) {
    const { config, output, program, signal } = call;
    const target = await embeddedTarget(config, program, (sentence) => output.note(`  ! ${sentence}`));
    const project = await projectOf(call, target);
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

async function projectOf(call: Call, target: Parameters<typeof whichProject>[1]): Promise<string> {
  const [folder] = call.words;
  const said = textFlag(call, "name");
  if (said === undefined && folder !== undefined && hasProject(folder)) {
    return (await loadProject(call.config, folder, {})).project.name;
  }
  return whichProject(call.config, target, said ?? folder);
}
