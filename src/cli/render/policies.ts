import type { ManagedPolicy } from "#app";

/** Policies as IAM takes them, each below its name. */
export function policyLines(policies: readonly ManagedPolicy[], project: string | undefined): string[] {
  const lines = policies.flatMap(({ name, document }) => [
    ...(policies.length > 1 ? [`# ${name}`] : []),
    JSON.stringify(document, null, 2),
    "",
  ]);
  const scope =
    project === undefined
      ? "# For every project: --name NAME narrows it to one and its stages."
      : `# For ${project} and its stages. Who has it can make roles called ${project}-* with any permissions: it is for those who may.`;
  return [...lines, scope];
}
