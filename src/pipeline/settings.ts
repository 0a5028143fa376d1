import type { ResolvedProject } from "./validate.ts";

/** The steps that read a `settings.json`, each its own: a step runs again when an address that it reads from changes. */
export type SettingsOf = Readonly<Record<"prepare" | "evaluate", string>>;

/** `settings.json` of the Python steps: docs/contracts/steps.md. */
export function settingsOf({ data, prepare, evaluate, api }: ResolvedProject): SettingsOf {
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
    }),
    evaluate: toText({ target: data.target, evaluate }),
  };
}

function toText(settings: object): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}
