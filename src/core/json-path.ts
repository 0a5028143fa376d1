const STEP = /\.\.([\w$-]+|\*)|\.([\w$-]+|\*)|\[(?:'([^']*)'|"([^"]*)"|(-?\d+)|(\*))\]/y;

interface Step {
  readonly name: string;
  readonly anywhere: boolean;
}

/** Whether the text is a path that `findByPath` can follow. */
export function isJsonPath(path: string): boolean {
  return stepsOf(path) !== undefined;
}

/** `$`, `$.a.b`, `$.a[0]`, `$['a b']`, `$.a[*].b`, `$..a`. Undefined when nothing is there; a list when the path may find several. */
export function findByPath(root: unknown, path: string): unknown {
  const steps = stepsOf(path);
  if (!steps) return undefined;
  let found: unknown[] = [root];
  for (const { name, anywhere } of steps) {
    const from = anywhere ? found.flatMap((value) => withDescendants(value)) : found;
    found = from.flatMap((value) => childrenOf(value, name));
  }
  return steps.some(({ name, anywhere }) => anywhere || name === "*") ? found : found[0];
}

function childrenOf(value: unknown, name: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (name === "*") return Object.values(value);
  const key = Array.isArray(value) && name.startsWith("-") ? String(value.length + Number(name)) : name;
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
}

function withDescendants(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap((child) => withDescendants(child))];
}

function stepsOf(path: string): Step[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: Step[] = [];
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const found = STEP.exec(path);
    if (!found) return undefined;
    steps.push({ name: found.slice(1).find((part) => part !== undefined) ?? "", anywhere: found[1] !== undefined });
  }
  return steps;
}
