import { CauceError, isRecord, parseJson } from "#core";
import { ask, describeModel, exampleIn, readBody, status } from "#app";
import { type Command, naming } from "../command.ts";
import { destinationOf, going, projectNamed } from "../destination.ts";

export const invoke: Command = {
  name: "invoke",
  takes: "[json|file]",
  summary: "ask the URL for a prediction; without a record, with an example",
  most: 1,
  options: { ...naming, ...going },
  async run(call) {
    const { output, words, signal } = call;
    const { target } = await destinationOf(call);
    const project = await projectNamed(call, target);
    const { ca } = target;
    const { url } = await status(target, project);
    if (url === undefined) throw notUp(project);
    const body =
      words[0] === undefined ? JSON.stringify(exampleIn(await describeModel(url, { signal, ca }))) : readBody(words[0]);
    if (words[0] === undefined) output.note(body);
    const answer = await ask(url, body, { signal, ca });
    if (answer.status >= 400) throw refused(answer.status, answer.body);
    output.raw(`${answer.body}\n`);
  },
};

function notUp(project: string): CauceError {
  return new CauceError({
    code: "NotUp",
    what: `${project} has no URL.`,
    why: "It was not brought up, or not to its end.",
    fix: "Run `cauce up`; `cauce status` shows what there is.",
  });
}

function refused(status: number, body: string): CauceError {
  const parsed = parseJson(body);
  const error = isRecord(parsed) && isRecord(parsed["error"]) ? parsed["error"] : {};
  return new CauceError({
    code: typeof error["code"] === "string" ? error["code"] : "Refused",
    what: `The URL answered ${status}.`,
    why: typeof error["message"] === "string" ? error["message"] : body,
    fix:
      status < 500
        ? "Mend the record; `cauce invoke` alone shows one that works."
        : "`cauce logs endpoint` and `cauce logs predict` say more.",
  });
}
