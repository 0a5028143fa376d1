import { join } from "node:path";
import { CauceError } from "#core";
import { init as makeProject } from "#app";
import { type Command, naming, textFlag } from "../command.ts";

export const init: Command = {
  name: "init",
  takes: "[folder]",
  summary: "make a project: a typed file, a README, a .gitignore",
  most: 1,
  options: {
    from: { type: "string", value: "TABLE", says: "the table to learn from" },
    predict: { type: "string", value: "COLUMN", says: "the column to predict" },
    ...naming,
  },
  async run(call) {
    const { words, output } = call;
    const folder = words[0] ?? ".";
    const path = textFlag(call, "from");
    const target = textFlag(call, "predict");
    if (path === undefined || target === undefined) throw incomplete(folder);
    const made = makeProject(folder, { path, target, name: textFlag(call, "name") });
    output.say(`Made ${made.map((file) => join(folder, file)).join(", ")}.`);
    output.say(`Next: cauce up ${folder}`);
    output.data({ folder, made });
  },
};

function incomplete(folder: string): CauceError {
  return new CauceError({
    code: "InitIncomplete",
    what: "A project needs a table and a column to predict.",
    why: "`cauce init` was not told both.",
    fix: `cauce init ${folder} --from table.csv --predict COLUMN`,
  });
}
