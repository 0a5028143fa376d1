import { type Command, tabling } from "../command.ts";
import { changing, going, hosting } from "../destination.ts";
import { bring } from "./up.ts";

export const run: Command = {
  name: "run",
  takes: "[table|folder]",
  summary: "run the pipeline once more; steps whose inputs are the same are not repeated",
  most: 1,
  options: { ...tabling, ...going, ...changing, ...hosting },
  run: (call) => bring(call, true),
};
