type Step =
  | { readonly kind: "one"; readonly key: string | number }
  | { readonly kind: "many"; readonly keys: readonly (string | number)[] }
  | { readonly kind: "slice"; readonly from: number; readonly to: number }
  | { readonly kind: "all" };

/** A path that selects a part of a record. */
export interface Filter {
  /** Whether it names fields, which CSV does not have. */
  readonly byName: boolean;
  /** Undefined when nothing is there. */
  select(record: unknown): unknown;
}

/**
 * AWS: `$`, `.name`, `*`, `['a','b']`, `[1,3]`, `[1:4]`: "Supported JSONPath Operators" in the developer guide. Several names give an object,
 * several indices an array. Undefined for anything else.
 */
export function readFilter(path: string): Filter | undefined {
  const steps = readSteps(path);
  if (!steps) return undefined;
  const isName = (key: string | number) => typeof key === "string";
  return {
    byName: steps.some((step) =>
      step.kind === "one" ? isName(step.key) : step.kind === "many" && step.keys.some((key) => isName(key)),
    ),
    select: (record) => follow(record, steps),
  };
}

const NAME = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
const TOKEN = new RegExp(
  String.raw`\.([\w$-]+)|(?:\.\*|\.?\[\s*\*\s*\])()|\.?\[\s*((?:${NAME})(?:\s*,\s*(?:${NAME}))*)\s*\]|\.?\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]|\.?\[\s*(-?\d*)\s*:\s*(-?\d*)\s*\]`,
  "y",
);

function readSteps(path: string): Step[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: Step[] = [];
  for (let at = 1; at < path.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(path);
    if (!found) return undefined;
    steps.push(toStep(found));
  }
  return steps;
}

function toStep([, dotted, all, names, indices, from, to]: RegExpExecArray): Step {
  if (dotted !== undefined) return { kind: "one", key: dotted };
  if (all !== undefined) return { kind: "all" };
  if (names !== undefined) {
    return fromKeys(
      [...names.matchAll(new RegExp(NAME, "g"))].map(([name]) => name.slice(1, -1).replace(/\\(.)/g, "$1")),
    );
  }
  if (indices !== undefined) return fromKeys(indices.split(",").map(Number));
  return { kind: "slice", from: Number(from || 0), to: Number(to || -1) };
}

function fromKeys(keys: (string | number)[]): Step {
  const [only = 0] = keys;
  return keys.length === 1 ? { kind: "one", key: only } : { kind: "many", keys };
}

function follow(value: unknown, [step, ...rest]: readonly Step[]): unknown {
  if (!step) return value;
  if (typeof value !== "object" || value === null) return undefined;
  if (step.kind === "one") return follow(childOf(value, step.key), rest);
  if (rest.length === 0 && step.kind === "many" && !Array.isArray(value)) return pick(value, step.keys);
  const found = childrenOf(value, step)?.map((child) => follow(child, rest));
  return found?.filter((child) => child !== undefined);
}

function childrenOf(value: object, step: Exclude<Step, { kind: "one" }>): unknown[] | undefined {
  if (step.kind === "all") return Object.values(value);
  if (step.kind === "many") return step.keys.map((key) => childOf(value, key));
  if (!Array.isArray(value)) return undefined;
  const place = (index: number) => (index < 0 ? value.length + index : index);
  // AWS: the end belongs to the slice: "$[1:4] specifies the second through fifth columns". The same page.
  return value.slice(Math.max(0, place(step.from)), Math.max(0, place(step.to) + 1)) as unknown[];
}

function pick(value: object, keys: readonly (string | number)[]): Record<string, unknown> {
  const found = keys.map((key) => [String(key), childOf(value, key)] as const);
  return Object.fromEntries(found.filter(([, child]) => child !== undefined));
}

function childOf(value: object, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === "number" ? (value.at(key) as unknown) : undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
