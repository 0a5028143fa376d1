import type { Permission } from "#kernel";

/** What a role was allowed to do, seen where it was decided. */
export interface Used extends Permission {
  readonly role: string;
}

/** A statement of an inline policy, as IAM answers it. */
export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** Each action of each statement, and each of its resources, that nothing has used: `role: action` or `role: … on resource`. */
export function unusedOf(role: string, statements: readonly Statement[], used: readonly Used[]): readonly string[] {
  const own = used.filter((one) => one.role === role);
  return statements.flatMap((statement) => {
    const [actions, resources] = [list(statement.Action), list(statement.Resource)];
    const matching = own.filter(
      ({ action, resource }) =>
        actions.some((pattern) => matches(pattern, action)) && resources.some((pattern) => matches(pattern, resource)),
    );
    return [
      ...actions.filter((pattern) => !matching.some(({ action }) => matches(pattern, action))).map((action) => action),
      ...resources
        .filter((pattern) => !matching.some(({ resource }) => matches(pattern, resource)))
        .filter(() => matching.length > 0)
        .map((resource) => `${actions.join(" ")} on ${resource}`),
    ];
  });
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "i").test(text);
}
