import { type Node, parsePatternJson, PatternError } from "./pattern-json.ts";
import { type Leaf, type Refuse, toValueTest, type ValueTest } from "./pattern-values.ts";

/** An event pattern, ready to be asked. */
export type Pattern = (event: unknown) => boolean;

/**
 * AWS: paths are joined with dots, so a key that holds dots and nested keys mean the same; fields below one array must
 * fit the same element of it; `$or` multiplies into alternatives. Seen in the open-source rule engine that EventBridge runs.
 */
export function compilePattern(source: string): Pattern {
  const refuse: Refuse = (reason, node, where = "at") => {
    throw new PatternError(reason, source, node[where]);
  };
  const root = parsePatternJson(source);
  if (root.kind !== "object") return refuse("Filter is not an object", root);
  const alternatives = addObject([new Map()], root, { path: "", inOr: false, refuse });
  return (event) => {
    const fields = flatten(event);
    return alternatives.some((alternative) => fits(Array.from(alternative), fields, 0, NOWHERE));
  };
}

/** Path to what its value must be. */
type Alternative = ReadonlyMap<string, readonly ValueTest[]>;

interface Place {
  readonly path: string;
  readonly inOr: boolean;
  readonly refuse: Refuse;
}

const RESERVED = new Set([
  "exactly",
  "prefix",
  "suffix",
  "equals-ignore-case",
  "anything-but",
  "numeric",
  "exists",
  "cidr",
  "wildcard",
]);
const MAX_ALTERNATIVES = 1000;

function addObject(base: Alternative[], node: Extract<Node, { kind: "object" }>, place: Place): Alternative[] {
  const { path, inOr, refuse } = place;
  if (node.entries.length === 0) return refuse("Empty objects are not allowed", node, "end");
  let alternatives = base;
  for (const { key, value } of node.entries) {
    if (key === "$or") {
      alternatives = addOr(alternatives, value, place);
      continue;
    }
    if (inOr && RESERVED.has(key))
      return refuse(`${key} is Ruler reserved fieldName which cannot be used inside $or.`, value);
    const inner = path === "" ? key : `${path}.${key}`;
    if (value.kind === "object") {
      alternatives = addObject(alternatives, value, { path: inner, inOr, refuse });
    } else if (value.kind === "array") {
      const tests = value.items.map((item) => toValueTest(item, refuse));
      if (tests.length === 0) return refuse("Empty arrays are not allowed", value, "end");
      alternatives = alternatives.map((alternative) => new Map(alternative).set(inner, tests));
    } else {
      return refuse(`"${key}" must be an object or an array`, value);
    }
  }
  return alternatives;
}

function addOr(base: Alternative[], node: Node, place: Place): Alternative[] {
  const { refuse } = place;
  if (node.kind !== "array") return refuse("It must be an Array followed with $or.", node);
  const all = node.items.flatMap((item) =>
    item.kind === "object"
      ? addObject(base, item, { ...place, inOr: true })
      : refuse("Only JSON object is allowed in array of $or relationship.", item),
  );
  if (node.items.length < 2) return refuse("There must have at least 2 Objects in $or relationship.", node, "end");
  if (all.length > MAX_ALTERNATIVES)
    return refuse(`Rule is too complex: $or gives more than ${MAX_ALTERNATIVES} combinations`, node, "end");
  return all;
}

interface Field {
  readonly value: Leaf;
  /** Which element of which array it lies under. */
  readonly within: Membership;
}

type Membership = Readonly<Record<number, number>>;
const NOWHERE: Membership = {};

function flatten(event: unknown): Map<string, Field[]> {
  const fields = new Map<string, Field[]>();
  let arrays = 0;
  const visit = (value: unknown, path: string, within: Membership): void => {
    if (Array.isArray(value)) {
      const id = arrays++;
      value.forEach((item, index) => {
        // Plain values of one array are alternatives of one field; only objects bind what lies below them together.
        visit(item, path, typeof item === "object" && item !== null ? { ...within, [id]: index } : within);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(inner, path === "" ? key : `${path}.${key}`, within);
    } else {
      const known = fields.get(path);
      const field = { value: value as Leaf, within };
      if (known) known.push(field);
      else fields.set(path, [field]);
    }
  };
  visit(event, "", NOWHERE);
  return fields;
}

function fits(
  paths: readonly (readonly [string, readonly ValueTest[]])[],
  fields: ReadonlyMap<string, readonly Field[]>,
  at: number,
  within: Membership,
): boolean {
  const wanted = paths[at];
  if (!wanted) return true;
  const [path, tests] = wanted;
  const found = fields.get(path);
  if (!found) return tests.some((test) => test.absent) && fits(paths, fields, at + 1, within);
  return found.some(
    (field) =>
      tests.some((test) => test.matches(field.value)) &&
      isTogether(field.within, within) &&
      fits(paths, fields, at + 1, { ...within, ...field.within }),
  );
}

function isTogether(a: Membership, b: Membership): boolean {
  return Object.entries(a).every(([array, index]) => {
    const other = b[Number(array)];
    return other === undefined || other === index;
  });
}
