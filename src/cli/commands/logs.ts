import { CauceError, closest } from "#core";
import { LOGGED, type Logged, logs as read } from "#app";
import { type Command, naming } from "../command.ts";
import { destinationOf, going, projectNamed } from "../destination.ts";

export const logs: Command = {
  name: "logs",
  takes: "[step]",
  summary: `what was said by ${LOGGED.join(", ")}`,
  most: 1,
  options: { ...naming, ...going },
  async run(call) {
    const { output, words } = call;
    const of = words[0] === undefined ? LOGGED : [requireLogged(words[0])];
    const { target } = await destinationOf(call);
    const project = await projectNamed(call, target);
    const lines = await read(target, project, of);
    for (const { of: step, at, text } of lines) {
      output.say(`${at.toISOString()}  ${step.padEnd(8)}  ${text}`);
      output.data({ step, at: at.toISOString(), text });
    }
    if (lines.length === 0) output.note(`There is nothing in the logs of ${of.join(", ")} yet.`);
  },
};

function requireLogged(word: string): Logged {
  const found = LOGGED.find((name) => name === word);
  if (found) return found;
  const near = closest(word, LOGGED);
  throw new CauceError({
    code: "UnknownStep",
    what: `There is no log of "${word}".`,
    why: near ? `Did you mean ${near}?` : "",
    fix: `One of: ${LOGGED.join(", ")}`,
  });
}
