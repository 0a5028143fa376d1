import { BlockList, isIP, isIPv4 } from "node:net";
import type { Node } from "./pattern-json.ts";

/** Whether one leaf of an event fits; `absent` is asked when the event has no such leaf at all. */
export interface ValueTest {
  readonly absent: boolean;
  matches(value: Leaf): boolean;
}

export type Leaf = string | number | boolean | null;

/** Says what is wrong with a node of the pattern. */
export type Refuse = (reason: string, node: Node, where?: "at" | "end") => never;

/** One element of a field's array: a plain value or a match expression. */
export function toValueTest(node: Node, refuse: Refuse): ValueTest {
  if (node.kind === "object") return toExpression(node, refuse);
  if (node.kind === "array") return refuse("Match value must be String, number, true, false, or null", node);
  return test(equals(node.value));
}

function test(matches: (value: Leaf) => boolean): ValueTest {
  return { absent: false, matches };
}

function equals(expected: Leaf): (value: Leaf) => boolean {
  if (typeof expected !== "string" || isIP(expected) === 0) return (value) => value === expected;
  // AWS: a text that is an IP address matches every spelling of that address. Seen in the open-source rule engine.
  const same = addressRange(expected, isIPv4(expected) ? 32 : 128);
  return (value) => value === expected || (typeof value === "string" && same(value));
}

type ObjectNode = Extract<Node, { kind: "object" }>;

const EXPRESSIONS: Readonly<Record<string, (operand: Node, refuse: Refuse) => ValueTest>> = {
  exactly: (operand, refuse) => test(equals(requireText(operand, "exact match pattern must be a string", refuse))),
  prefix: (operand, refuse) => test(affix("prefix", operand, refuse)),
  suffix: (operand, refuse) => test(affix("suffix", operand, refuse)),
  "equals-ignore-case": (operand, refuse) =>
    test(ignoreCase(requireText(operand, "equals-ignore-case match pattern must be a string", refuse))),
  wildcard: (operand, refuse) =>
    test(wildcard(requireText(operand, "wildcard match pattern must be a string", refuse), operand, refuse)),
  cidr: (operand, refuse) => test(cidr(operand, refuse)),
  numeric: (operand, refuse) => test(numeric(operand, refuse)),
  exists: toExists,
  "anything-but": (operand, refuse) => {
    const matches = anythingBut(operand, refuse);
    return test((value) => !matches(value));
  },
};

function toExpression(node: ObjectNode, refuse: Refuse): ValueTest {
  const [entry, extra] = node.entries;
  if (!entry) return refuse("Match expression name not found", node, "end");
  const make = Object.hasOwn(EXPRESSIONS, entry.key) ? EXPRESSIONS[entry.key] : undefined;
  if (!make) return refuse(`Unrecognized match type ${entry.key}`, entry.value);
  const made = make(entry.value, refuse);
  if (extra) return refuse("Only one key allowed in match expression", extra.value);
  return made;
}

function requireText(node: Node, reason: string, refuse: Refuse): string {
  return node.kind === "string" ? node.value : refuse(reason, node);
}

function toExists(operand: Node, refuse: Refuse): ValueTest {
  if (operand.kind !== "literal" || operand.value === null)
    return refuse("exists match pattern must be either true or false.", operand);
  return operand.value ? test(() => true) : { absent: true, matches: () => false };
}

function ignoreCase(expected: string): (value: Leaf) => boolean {
  const folded = expected.toLowerCase();
  return (value) => typeof value === "string" && value.toLowerCase() === folded;
}

function affix(side: "prefix" | "suffix", operand: Node, refuse: Refuse): (value: Leaf) => boolean {
  const fits = (value: string, part: string) => (side === "prefix" ? value.startsWith(part) : value.endsWith(part));
  if (operand.kind !== "object") {
    const part = requireText(operand, `${side} match pattern must be a string`, refuse);
    return (value) => typeof value === "string" && fits(value, part);
  }
  const [entry, extra] = operand.entries;
  if (entry?.key !== "equals-ignore-case") return refuse(`Unsupported ${side} pattern: ${entry?.key ?? ""}`, operand);
  if (extra) return refuse("Only one key allowed in match expression", extra.value);
  const folded = requireText(entry.value, `equals-ignore-case match pattern must be a string`, refuse).toLowerCase();
  return (value) => typeof value === "string" && fits(value.toLowerCase(), folded);
}

function wildcard(pattern: string, node: Node, refuse: Refuse): (value: Leaf) => boolean {
  // AWS counts from the opening quote, so the first character is at 1.
  const parts: string[] = [""];
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "*") {
      if (pattern[i + 1] === "*") return refuse(`Consecutive wildcard characters at pos ${i + 1}`, node, "end");
      parts.push("");
    } else if (character === "\\") {
      const next = pattern[++i];
      if (next !== "*" && next !== "\\") return refuse(`Invalid escape character at pos ${i}`, node, "end");
      parts[parts.length - 1] += next;
    } else {
      parts[parts.length - 1] += character;
    }
  }
  return (value) => typeof value === "string" && fitsParts(value, parts);
}

/** Linear, whatever the text: each part between wildcards is taken at its first place. */
function fitsParts(value: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  if (parts.length === 1) return value === first;
  const last = parts.at(-1)!;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let from = first.length;
  const limit = value.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, from);
    if (found < 0 || found + part.length > limit) return false;
    from = found + part.length;
  }
  return true;
}

function cidr(operand: Node, refuse: Refuse): (value: Leaf) => boolean {
  const [address, bits, ...rest] = requireText(operand, "prefix match pattern must be a string", refuse).split("/");
  if (address === undefined || bits === undefined || rest.length > 0)
    return refuse("Malformed CIDR, one '/' required", operand, "end");
  if (!/^-?\d+$/.test(bits)) return refuse("Malformed CIDR, mask bits must be an integer", operand, "end");
  const mask = Number(bits);
  if (mask < 0) return refuse("Malformed CIDR, mask bits must not be negative", operand, "end");
  const family = isIP(address);
  if (family === 0) return refuse(`Nonstandard IP address: ${address}`, operand, "end");
  if (family === 4 && mask > 32) return refuse("IPv4 mask bits must be < 33", operand, "end");
  if (family === 6 && mask > 128) return refuse("IPv6 mask bits must be < 129", operand, "end");
  const inside = addressRange(address, mask);
  return (value) => typeof value === "string" && inside(value);
}

function addressRange(address: string, mask: number): (value: string) => boolean {
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(address, mask, family);
  return (value) => isIP(value) === (family === "ipv4" ? 4 : 6) && range.check(value, family);
}

const COMPARE: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "=": (value, limit) => value === limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
};
const LIMIT = 5e9;

function numeric(operand: Node, refuse: Refuse): (value: Leaf) => boolean {
  if (operand.kind !== "array") return refuse("Value of numeric must be an array.", operand);
  const [operator, limit, second, top, extra] = operand.items;
  if (operator?.kind !== "string")
    return refuse(`Invalid member in numeric match: ${shown(operator)}`, operator ?? operand);
  const lower = Object.hasOwn(COMPARE, operator.value) ? COMPARE[operator.value] : undefined;
  if (!lower) return refuse(`Unrecognized numeric range operator: ${operator.value}`, limit ?? operand, "end");
  const bottom = requireNumber(limit, operator.value === "=" ? "equals" : operator.value, operand, refuse);
  if (!second) return (value) => typeof value === "number" && lower(value, bottom);
  if (!operator.value.startsWith(">")) return refuse("Too many elements in numeric expression", second);
  const upper = requireUpper(second, refuse);
  const ceiling = requireNumber(top, shown(second), operand, refuse);
  if (extra) return refuse("Too many terms in numeric range expression", extra);
  if (bottom >= ceiling) return refuse("Bottom must be less than top", operand, "end");
  return (value) => typeof value === "number" && lower(value, bottom) && upper(value, ceiling);
}

function requireUpper(operator: Node, refuse: Refuse): (value: number, limit: number) => boolean {
  if (operator.kind !== "string") return refuse(`Bad value in numeric range: ${shown(operator)}`, operator);
  const upper = operator.value.startsWith("<") ? COMPARE[operator.value] : undefined;
  return upper ?? refuse(`Bad numeric range operator: ${operator.value}`, operator, "end");
}

function requireNumber(node: Node | undefined, name: string, parent: Node, refuse: Refuse): number {
  if (node?.kind !== "number") return refuse(`Value of ${name} must be numeric`, node ?? parent, node ? "at" : "end");
  if (Math.abs(node.value) > LIMIT) return refuse("Value must be between -5.0E9 and 5.0E9, inclusive", node);
  return node.value;
}

function shown(node: Node | undefined): string {
  if (!node) return "]";
  return node.kind === "object" ? "{" : node.kind === "array" ? "[" : String(node.value);
}

/** What the values of `anything-but` match; the caller negates it. */
function anythingBut(operand: Node, refuse: Refuse): (value: Leaf) => boolean {
  if (operand.kind === "object") return anythingButExpression(operand, refuse);
  const reason = "Value of anything-but must be an array or single string/number value.";
  if (operand.kind === "literal") return refuse(reason, operand);
  if (operand.kind !== "array") return equals(operand.value);
  const kinds = new Set(operand.items.map((item) => item.kind));
  for (const item of operand.items) {
    if (item.kind !== "string" && item.kind !== "number")
      return refuse("Inside anything but list, start|null|boolean is not supported.", item);
  }
  if (kinds.size !== 1)
    return refuse(
      "Inside anything but list, either all values are number or string, mixed type is not supported",
      operand,
      "end",
    );
  const values = new Set(
    operand.items.map((item) => (item.kind === "string" || item.kind === "number" ? item.value : null)),
  );
  return (value) => values.has(value as string | number);
}

function anythingButExpression(operand: ObjectNode, refuse: Refuse): (value: Leaf) => boolean {
  const [entry, extra] = operand.entries;
  if (!entry) return refuse("Anything-But expression name not found", operand, "end");
  if (!["prefix", "suffix", "wildcard", "equals-ignore-case"].includes(entry.key))
    return refuse(`Unsupported anything-but pattern: ${entry.key}`, entry.value);
  if (extra) return refuse("Only one key allowed in match expression", extra.value);
  const items = entry.value.kind === "array" ? entry.value.items : [entry.value];
  const tests = items.map((item) => {
    if (item.kind !== "string")
      return refuse(`Inside anything-but/${entry.key} list, number|start|null|boolean is not supported.`, item);
    if (item.value === "" && entry.key !== "equals-ignore-case")
      return refuse("Null prefix/suffix not allowed", item, "end");
    if (entry.key === "wildcard") return wildcard(item.value, item, refuse);
    return entry.key === "equals-ignore-case"
      ? ignoreCase(item.value)
      : affix(entry.key === "prefix" ? "prefix" : "suffix", item, refuse);
  });
  if (tests.length === 0) return refuse("Empty arrays are not allowed", entry.value, "end");
  return (value) => tests.some((matches) => matches(value));
}
