import { parseArgs } from "node:util";
import { CauceError, closest, messageOf } from "#core";
import { explainServer, readConfig } from "#app";
import { type Call, type Command, everywhere, textFlag, toParseArgs } from "./command.ts";
import { commands } from "./commands/index.ts";
import { helpFor, overview } from "./render/help.ts";
import { createOutput, type Output } from "./render/output.ts";
import { writeReport } from "./render/report.ts";
import { requireUseful } from "./useful.ts";

/** The command line, from its words to its exit code: 0 done, 1 the user can act, 2 our bug, 3 the gate refused, 130 interrupted. */
export async function main(argv: readonly string[], program: string): Promise<number> {
  const output = createOutput(argv.includes("--json"));
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  process.on("SIGINT", onSignal);
  try {
    await run(argv, { output, program, signal: interrupt.signal });
    return 0;
  } catch (error) {
    return failed(error, output, interrupt.signal.aborted);
  } finally {
    process.off("SIGINT", onSignal);
  }
}

async function run(argv: readonly string[], call: Pick<Call, "output" | "program" | "signal">): Promise<void> {
  const { version } = readConfig();
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-v") return call.output.raw(`${version}\n`);
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return call.output.raw(`${overview(commands, version)}\n`);
  }
  const command = commands.find((one) => one.name === name) ?? refuseCommand(name);
  const { words, flags } = parse(command, rest);
  if (flags["help"] === true) return call.output.raw(`${helpFor(command)}\n`);
  requireUseful({ command, words, flags });
  const port = typeof flags["port"] === "string" ? flags["port"] : undefined;
  const host = textFlag({ flags } as Call, "host");
  const config = readConfig({ port, host });
  try {
    await command.run({ ...call, command, words, flags, config });
  } catch (error) {
    throw explainServer(config, error) ?? error;
  }
}

function parse(command: Command, argv: readonly string[]): Pick<Call, "words" | "flags"> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: toParseArgs(command),
      allowPositionals: true,
    });
    if (positionals.length > command.most) throw tooMany(command, positionals);
    return { words: positionals, flags: values as Call["flags"] };
  } catch (error) {
    if (error instanceof CauceError) throw error;
    throw badFlag(command, messageOf(error));
  }
}

function failed(error: unknown, output: Output, interrupted: boolean): number {
  if (interrupted) {
    output.fail({
      code: "Interrupted",
      what: "Interrupted.",
      why: "",
      fix: "What was begun goes on in the server; `cauce status` shows it.",
    });
    return 130;
  }
  if (error instanceof CauceError) {
    output.fail(error.explanation);
    return error.exitCode;
  }
  const file = writeReport(error);
  output.fail({
    code: "InternalError",
    what: "Cauce failed, and it is not your mistake.",
    why: messageOf(error),
    fix: `Please send ${file} to us: it says where.`,
  });
  return 2;
}

function refuseCommand(name: string): never {
  const near = closest(
    name,
    commands.map((one) => one.name),
  );
  throw new CauceError({
    code: "UnknownCommand",
    what: `There is no command "${name}".`,
    why: near ? `Did you mean "${near}"?` : "",
    fix: "`cauce --help` lists the commands.",
  });
}

function tooMany(command: Command, words: readonly string[]): CauceError {
  return new CauceError({
    code: "TooManyWords",
    what: `\`cauce ${command.name}\` takes ${command.takes || "nothing more"}, not: ${words.join(" ")}`,
    why: "",
    fix: `cauce ${command.name} --help`,
  });
}

function badFlag(command: Command, message: string): CauceError {
  const given = /'(--?[\w-]+)/.exec(message)?.[1];
  const known = Object.keys({ ...command.options, ...everywhere });
  const near = given && closest(given.replace(/^-+/, ""), known);
  return new CauceError({
    code: "BadFlag",
    what: given ? `\`cauce ${command.name}\` cannot use ${given} like this.` : message,
    why:
      near && !known.includes(given.replace(/^-+/, ""))
        ? `There is no such option; did you mean --${near}?`
        : (message.split(". ")[0] ?? ""),
    fix: `cauce ${command.name} --help`,
  });
}
