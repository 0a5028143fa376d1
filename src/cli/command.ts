import type { ParseArgsConfig } from "node:util";
import type { Config, TargetName } from "#app";
import type { Output } from "./render/output.ts";

/** A command as data: help and parsing follow from it. */
export interface Command {
  readonly name: string;
  /** What stands behind the name, e.g. `[table|folder]`. */
  readonly takes: string;
  readonly summary: string;
  /** What its first word may be, where that changes which options it has. */
  readonly kinds?: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** How many words may follow. */
  readonly most: number;
  run(call: Call): Promise<void>;
}

export interface Option {
  readonly type: "string" | "boolean";
  readonly says: string;
  /** One letter that means the same. */
  readonly short?: string;
  /** What the value is called in the help. */
  readonly value?: string;
  /** Where it means something; elsewhere it is refused, as it would be ignored. */
  readonly only?: Only;
}

/** All of it must hold. */
export interface Only {
  /** The command's first word. */
  readonly kind?: readonly string[];
  /** Where the command goes. A rehearsal goes to the embedded AWS as well. */
  readonly to?: readonly TargetName[];
  /** Another option that is given. */
  readonly with?: string;
  /** Another option that is not. */
  readonly without?: string;
}

/** One call of a command. */
export interface Call {
  readonly command: Command;
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly config: Config;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What `node` runs for `cauce`: the background server is started with it. */
  readonly program: string;
}

/** Every command takes these. */
export const everywhere: Command["options"] = {
  json: { type: "boolean", says: "stdout is JSON, one object a line; progress goes to stderr" },
  help: { type: "boolean", short: "h", says: "this text" },
};

/** For those that talk to the embedded AWS. */
export const reaching: Command["options"] = {
  port: { type: "string", value: "N", says: "port of the embedded AWS (CAUCE_PORT; 4566)" },
};

/** For those that name a project. */
export const naming: Command["options"] = {
  name: { type: "string", value: "NAME", says: "the project's name" },
};

/** For those that read a table. */
export const reading: Command["options"] = {
  "no-header": { type: "boolean", says: "the first row is data: columns are 0, 1, …" },
  sheet: { type: "string", value: "NAME", says: "the sheet of an Excel file" },
  table: { type: "string", value: "NAME", says: "the table of a database" },
  query: { type: "string", value: "SQL", says: "of a database, instead of a table: a SELECT" },
};

/** For those that may be given a table instead of a project. */
export const tabling: Command["options"] = {
  predict: { type: "string", value: "COLUMN", says: "the column to predict" },
  task: { type: "string", value: "TASK", says: "binary, multiclass or regression; guessed from the target" },
  ...reading,
  ...naming,
};

/** The same options, which mean something only there. */
export function limited(only: Only, options: Command["options"]): Command["options"] {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, { ...option, only: { ...option.only, ...only } }]),
  );
}

export function toParseArgs(command: Command): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries({ ...everywhere, ...command.options }).map(([name, { type, short }]) => [
      name,
      { type, ...(short !== undefined && { short }) },
    ]),
  );
}

export function textFlag(call: Call, name: string): string | undefined {
  const value = call.flags[name];
  return typeof value === "string" ? value : undefined;
}
