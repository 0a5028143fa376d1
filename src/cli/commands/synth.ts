import { join, relative } from "node:path";
import { loadProject, writeSynth } from "#app";
import { type Command, tabling, textFlag } from "../command.ts";
import { tableFlags } from "./up.ts";

export const synth: Command = {
  name: "synth",
  takes: "[table…|folder]",
  summary: "write what would be sent: template, pipeline definition, code",
  most: Infinity,
  options: { out: { type: "string", value: "FOLDER", says: "default: cauce.out in the project's folder" }, ...tabling },
  async run(call) {
    const { config, output, words } = call;
    const loaded = await loadProject(config, words[0] ?? ".", tableFlags(call));
    const out = textFlag(call, "out") ?? join(loaded.folder, "cauce.out");
    const files = await writeSynth(config, loaded, out);
    const shown = relative(process.cwd(), out) || ".";
    output.say(`Wrote to ${shown}: ${files.join(", ")}`);
    output.data({ folder: shown, files });
  },
};
