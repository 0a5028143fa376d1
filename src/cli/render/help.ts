import { type Command, everywhere } from "../command.ts";

export function overview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name, takes }) => `${name} ${takes}`.length));
  return [
    `cauce ${version}: a table becomes a URL that predicts`,
    "",
    "  cauce up customers.xlsx --predict Churn",
    "",
    ...commands.map(({ name, takes, summary }) => `  ${`${name} ${takes}`.padEnd(width)}  ${summary}`),
    "",
    "  cauce COMMAND --help says more.",
  ].join("\n");
}

export function helpFor({ name, takes, summary, options }: Command): string {
  const all = Object.entries({ ...options, ...everywhere }).map(
    ([flag, { value, says, short }]) =>
      [`--${flag}${short && value ? `, -${short}` : ""}${value ? ` ${value}` : ""}`, says] as const,
  );
  const width = Math.max(...all.map(([flag]) => flag.length));
  return [
    `cauce ${name} ${takes}`.trim(),
    "",
    `  ${summary}`,
    "",
    ...all.map(([flag, says]) => `  ${flag.padEnd(width)}  ${says}`),
  ].join("\n");
}
