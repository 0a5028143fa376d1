import type { ResolvedProject } from "./validate.ts";

/** `settings.json` of the Python steps: docs/contracts/steps.md. */
export function settingsOf(project: ResolvedProject): string {
  const { data, prepare, evaluate, api } = project;
  return `${JSON.stringify(
    {
      target: data.target,
      task: data.task ?? null,
      positive: data.positive ?? null,
      ignore: data.ignore ?? [],
      seed: prepare.seed,
      testFraction: prepare.testFraction,
      features: prepare.features,
      unknownFields: api.unknownFields,
      evaluate,
    },
    null,
    2,
  )}\n`;
}
