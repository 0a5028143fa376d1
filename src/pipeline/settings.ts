import type { ResolvedProject } from "./validate.ts";

/** The steps that read a `settings.json`, each its own: a step runs again when an address that it reads from changes. */
export type SettingsOf = Readonly<Record<"prepare" | "evaluate", string>>;

/** `settings.json` of the Python steps: docs/contracts/steps.md. */
export function settingsOf({ data, prepare, train, evaluate, api }: ResolvedProject): SettingsOf {
  return {
    prepare: toText({
      target: data.target,
      task: data.task ?? null,
      positive: data.positive ?? null,
      ignore: data.ignore ?? [],
      seed: prepare.seed,
      testFraction: prepare.testFraction,
      features: prepare.features,
      unknownFields: api.unknownFields,
      // Said only when it is so, so that the address of other projects' settings stays what it was.
      ...(train.script !== undefined && { tables: true }),
    }),
    evaluate: toText({ target: data.target, evaluate }),
  };
}

function toText(settings: object): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}
