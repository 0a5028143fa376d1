import { CauceError } from "#core";
import type { Call, Command, Only } from "./command.ts";

type Said = Pick<Call, "command" | "words" | "flags">;

/** Refuses an option that the command would ignore, because of its first word or of the options beside it. */
export function requireUseful({ command, words, flags }: Said): void {
  const { kinds = [], name: called } = command;
  const [kind] = words;
  // A first word that is wrong or missing is the command's own to explain.
  if (kinds.length > 0 && !(kind !== undefined && kinds.includes(kind))) return;
  const at = `\`cauce ${called}${kinds.length > 0 ? ` ${kind}` : ""}\``;
  for (const [name, only] of limits(command, flags)) {
    if (only.kind && !(kind !== undefined && only.kind.includes(kind)))
      throw unused(name, at, `It is for ${only.kind.map((one) => `\`cauce ${called} ${one}\``).join(" and ")}.`);
    if (only.with !== undefined && !isGiven(flags[only.with]))
      throw unused(name, `${at} without --${only.with}`, `It says more about --${only.with}.`);
    if (only.without !== undefined && isGiven(flags[only.without]))
      throw unused(name, `${at} with --${only.without}`, `The two do not go together.`);
  }
}

/** Refuses an option that means nothing where the command goes: known only when the project is. */
export function requireUsefulAt({ command, flags }: Said, target: string): void {
  const places = [target, ...(flags["rehearse"] === true ? ["embedded"] : [])];
  for (const [name, { to }] of limits(command, flags)) {
    if (!to || to.some((one) => places.includes(one))) continue;
    throw unused(name, `\`cauce ${command.name} --to ${target}\``, `It is for --to ${to.join(" and --to ")}.`);
  }
}

function limits({ options }: Command, flags: Call["flags"]): (readonly [string, Only])[] {
  return Object.entries(options).flatMap(([name, { only }]) =>
    only && isGiven(flags[name]) ? [[name, only] as const] : [],
  );
}

function isGiven(value: string | boolean | undefined): boolean {
  return value !== undefined && value !== false;
}

function unused(name: string, where: string, why: string): CauceError {
  return new CauceError({
    code: "OptionUnused",
    what: `${where} has no use for --${name}.`,
    why,
    fix: `Leave --${name} away; --help says what it goes with.`,
  });
}
