import type { Explanation } from "#core";

const PLACE = /File "([^"\n]+\.py)", line (\d+), in (\S+)\n([\s\S]+?)(?:"\nCommand |, exit code: |$)/;
const SAID = /ExecuteUserScriptError:\nExitCode (-?\d+)(?:\nErrorMessage "([\s\S]*?)")?\nCommand /;

/** A failure of the project's own script, its line first: what the container says of it (docs/contracts/training-container.md). */
export function scriptFailure(reason: string, step: string): Explanation | undefined {
  const fix = `Correct it; \`cauce logs ${step}\` shows the whole trace.`;
  const [, file, line, within, error] = PLACE.exec(reason) ?? [];
  if (file !== undefined && error !== undefined) {
    const place = within === "<module>" ? "" : `, in ${within}`;
    return {
      code: "ScriptFailed",
      what: `${file}, line ${line}${place}: ${error.trim()}`,
      why: "The project's own script failed there.",
      fix,
    };
  }
  const [, code, said] = SAID.exec(reason) ?? [];
  return code === undefined ? undefined : { code: "ScriptFailed", ...endOf(Number(code), said), fix };
}

function endOf(code: number, said: string | undefined): Pick<Explanation, "what" | "why"> {
  const why = said?.trim() ?? "It gave no reason.";
  if (code >= 0) return { what: `The project's own script ended with exit code ${code}.`, why };
  const memory = code === -9 ? "So the system ends a program, most often, when memory runs out." : why;
  return { what: `The project's own script was ended by signal ${-code}.`, why: said === undefined ? memory : why };
}

const STARTING =
  /AlgorithmError: ([\s\S]+?) \(File "\/opt\/ml\/(?:code|model\/code)\/([^"]+\.py)", line (\d+)(?:, in ([^)]+))?\)/;

/** The line of a model's own program that kept its container from starting, and the error: what hosting says of it. */
export function programFailure(reason: string): string | undefined {
  const [, error, file, line, within] = STARTING.exec(reason) ?? [];
  if (error === undefined || file === undefined) return undefined;
  const place = within === undefined || within === "<module>" ? "" : `, in ${within}`;
  return `${file}, line ${line}${place}: ${error.trim()}`;
}
