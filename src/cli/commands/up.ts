import { cacheFolder, foreseenCost, holdProject, loadProject, up as bringUp } from "#app";
import { type Call, type Command, tabling, textFlag } from "../command.ts";
import { changing, going, hosting, preparedDestination } from "../destination.ts";
import { costSentence } from "../render/cost.ts";
import { createProgress } from "../render/progress.ts";
import { saySummary, toJson } from "../render/summary.ts";

export const up: Command = {
  name: "up",
  takes: "[table…|folder]",
  summary: "bring a table or a project up to a URL that predicts",
  most: Infinity,
  options: { ...tabling, ...going, ...changing, ...hosting },
  run: (call) => bring(call, false),
};

/** `up` and `run` differ in one thing: whether the pipeline runs when nothing has changed. */
export async function bring(call: Call, force: boolean): Promise<void> {
  const { config, output, signal } = call;
  const { project, folder } = await loadProject(config, call.words[0] ?? ".", tableFlags(call));
  for (const warning of project.warnings) output.note(`  ! ${warning}`);
  using _held = await holdProject(config, project.name, { signal, onWait: (message) => output.note(`  … ${message}`) });
  const view = createProgress(output);
  try {
    const destination = await preparedDestination(call, project, view, (region) =>
      costSentence(foreseenCost(project, region)),
    );
    const { target } = destination;
    const options = { folder, assets: config.assets, cache: cacheFolder(config), signal, force };
    const summary = await bringUp(target, project, { ...options, onProgress: view.show });
    view.end();
    saySummary(output, summary, destination);
    output.data(toJson(summary, destination));
  } finally {
    view.end();
  }
}

export function tableFlags(call: Call) {
  return {
    more: call.words.slice(1),
    predict: textFlag(call, "predict"),
    task: textFlag(call, "task"),
    name: textFlag(call, "name"),
    sheet: textFlag(call, "sheet"),
    table: textFlag(call, "table"),
    query: textFlag(call, "query"),
    header: call.flags["no-header"] === true ? false : undefined,
    stage: textFlag(call, "stage"),
  };
}
