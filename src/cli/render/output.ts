import type { Explanation } from "#core";

/** Where a command writes: for people, or for machines with `--json`. */
export interface Output {
  readonly json: boolean;
  /** Colours and moving lines only where a person looks at a terminal. */
  readonly live: boolean;
  /** What the command is for; a line of stdout. Not written with `--json`. */
  say(text: string): void;
  /** How it goes; stderr with `--json`. */
  note(text: string): void;
  /** One object on stdout, with `--json` only. */
  data(value: unknown): void;
  /** Bytes for another program, exactly as they are. */
  raw(text: string): void;
  fail(explanation: Explanation): void;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function createOutput(json: boolean, { stdout, stderr }: Streams = process): Output {
  const live =
    !json && stdout.isTTY === true && process.env["TERM"] !== "dumb" && process.env["NO_COLOR"] === undefined;
  const paint = painter(stderr.isTTY === true && process.env["NO_COLOR"] === undefined && !json);
  return {
    json,
    live,
    say: (text) => void (json || stdout.write(`${text}\n`)),
    note: (text) => void (json ? stderr : stdout).write(`${text}\n`),
    data: (value) => void (json && stdout.write(`${JSON.stringify(value)}\n`)),
    raw: (text) => void stdout.write(text),
    fail(explanation) {
      if (json) stdout.write(`${JSON.stringify({ error: explanation })}\n`);
      const { what, why, fix } = explanation;
      stderr.write(`\n${paint.red("✘")} ${paint.bold(what)}\n`);
      if (why) stderr.write(`${indent(why)}\n`);
      if (fix) stderr.write(`\n${indent(fix, "→ ")}\n`);
    },
  };
}

export interface Painter {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

export function painter(on: boolean): Painter {
  const code = (open: number, close: number) => (text: string) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), green: code(32, 39), yellow: code(33, 39) };
}

function indent(text: string, first = ""): string {
  const lines = text.split("\n");
  return lines.map((line, index) => `  ${index === 0 ? first : first && "  "}${line}`).join("\n");
}
