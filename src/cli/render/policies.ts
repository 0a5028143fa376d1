import type { ManagedPolicy, Purpose } from "#app";

/** Policies as IAM takes them, each below its name. */
export function policyLines(policies: readonly ManagedPolicy[], purpose: Purpose): string[] {
  const lines = policies.flatMap(({ name, document }) => [
    ...(policies.length > 1 ? [`# ${name}`] : []),
    JSON.stringify(document, null, 2),
    "",
  ]);
  return [...lines, `# ${scopeOf(purpose)}`];
}

function scopeOf(purpose: Purpose): string {
  if ("makes" in purpose)
    return "For the instance of all projects in this account and region. Who has it can give its role, CauceHost-*, any permissions: it is for those who may.";
  if (purpose.deploys === undefined) return "For every project: --name NAME narrows it to one and its stages.";
  const { name } = purpose.deploys;
  return `For ${name} and its stages. Who has it can make roles called ${name}-* with any permissions: it is for those who may.`;
}
