import { CauceError } from "#core";
import { diagnose } from "#app";
import { type Command, reaching } from "../command.ts";
import { table } from "../render/table.ts";

export const doctor: Command = {
  name: "doctor",
  takes: "",
  summary: "look at what Cauce stands on: Node, Python, isolation, disk, server",
  most: 0,
  options: reaching,
  async run({ config, output }) {
    const checks = await diagnose(config);
    const marks = { good: "✔", note: "!", bad: "✘" } as const;
    for (const line of table(checks.map(({ what, state, says }) => [`  ${marks[state]} ${what}`, says])))
      output.say(line);
    output.data({ checks });
    const bad = checks.filter(({ state }) => state === "bad");
    if (bad.length > 0) throw unwell(bad.map(({ what }) => what));
  },
};

function unwell(what: readonly string[]): CauceError {
  return new CauceError({
    code: "Unwell",
    what: `${what.join(", ")}: not as Cauce needs ${what.length === 1 ? "it" : "them"}.`,
    why: "",
    fix: "Mend what is marked ✘ above, then ask again.",
  });
}
