const STEP = /\.([A-Za-z0-9_-]+|\*)|\[(?:'([^']+)'|"([^"]+)"|(\d+)|(\*))\]/y;

/** `$`, `$.detail.x`, `$.resources[0]`, `$['detail-type']`, `[*]`. */
export function isPath(path: string): boolean {
  return stepsOf(path) !== undefined;
}

/** Undefined when nothing is there; a list when the path has a wildcard. */
export function findByPath(root: unknown, path: string): unknown {
  const steps = stepsOf(path);
  if (!steps) return undefined;
  let found: unknown[] = [root];
  for (const step of steps) {
    found = found.flatMap((value) => {
      if (typeof value !== "object" || value === null) return [];
      if (step === "*") return Object.values(value);
      return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
    });
  }
  return steps.includes("*") ? found : found[0];
}

function stepsOf(path: string): string[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: string[] = [];
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const found = STEP.exec(path);
    if (!found) return undefined;
    steps.push(found[1] ?? found[2] ?? found[3] ?? found[4] ?? "*");
  }
  return steps;
}
