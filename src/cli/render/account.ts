import type { AccountPlan } from "#app";
import { costLines } from "./cost.ts";
import { table } from "./table.ts";

/** What a plan means for an account of AWS. */
export function accountLines({ cost, permissions, quotas, limits }: AccountPlan): string[] {
  return [
    ...costLines(cost),
    "",
    "Permissions that whoever deploys needs (`cauce bootstrap aws` prints the policy, `--apply` makes it)",
    ...table(services(permissions).flatMap(([service, actions]) => wrapped(service, actions))),
    "",
    "Quotas of the account",
    ...quotaLines(quotas),
    "",
    "Limits",
    ...limits.problems.map((problem) => `  ! ${problem}`),
    ...limits.known.map((limit) => `  ${limit}`),
  ];
}

function quotaLines({ quotas, notAsked }: AccountPlan["quotas"]): string[] {
  const rows = quotas.map(({ name, needed, allowed, ask }) => [
    `  ${ask === undefined ? " " : "!"} ${name}`,
    `needs ${needed}`,
    notAsked === undefined ? (allowed === undefined ? "not listed" : `has ${allowed}`) : "not asked",
  ]);
  const asks = quotas.flatMap(({ ask }) => (ask === undefined ? [] : [`    ${ask}`]));
  return [
    ...table(rows),
    ...(notAsked === undefined ? [] : [`  Not asked: ${notAsked}`]),
    ...(asks.length > 0
      ? ["  ! is less than the project needs. Ask for more, which takes minutes to days:", ...asks]
      : []),
  ];
}

const WIDTH = 100;

/** The service, and its actions beside it in as many rows as they need. */
function wrapped(service: string, actions: readonly string[]): string[][] {
  const rows: string[] = [];
  for (const action of actions) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + action.length + 2 <= WIDTH) rows[rows.length - 1] = `${last}, ${action}`;
    else rows.push(action);
  }
  return rows.map((row, i) => [i === 0 ? `  ${service}` : "", row]);
}

/** `s3` → its actions, without the service's name. */
function services(permissions: AccountPlan["permissions"]): [string, string[]][] {
  const found = new Map<string, Set<string>>();
  for (const action of permissions.flatMap(({ actions }) => actions)) {
    const [service = "", name = ""] = action.split(":");
    found.set(service, (found.get(service) ?? new Set()).add(name));
  }
  return [...found].map(([service, names]) => [service, [...names]]);
}
