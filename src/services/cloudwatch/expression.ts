import { notBuilt, validation } from "./faults.ts";
import { parse, type Node } from "./expression-parser.ts";
import type { Values } from "./statistics.ts";
import type { Span } from "./store.ts";

export interface Given {
  readonly values: ReadonlyMap<string, Values>;
  /** Of the metrics, in milliseconds: the shortest. */
  readonly period: number;
  readonly span: Span;
}

export interface Expression {
  readonly root: Node;
  /** The ids that it names. */
  readonly names: readonly string[];
}

/** Metric math: arithmetic, and the functions below. What is not here is refused by its name. */
export function parseExpression(text: string): Expression {
  const root = parse(text);
  const names: string[] = [];
  check(root, names);
  return { root, names };
}

export function evaluate(text: string, given: Given): Values {
  const value = compute(parseExpression(text).root, given);
  if (value instanceof Map) return value;
  // AWS: an expression must come out as a time series.
  if (typeof value === "number")
    throw validation(`The expression ${text} gives a number where a time series is needed.`);
  throw validation(`The expression ${text} gives several time series where one is needed.`);
}

type Value = number | Values | readonly Values[];
type Fold = (values: readonly number[]) => number;

/** Over one series: a number. Over several: one series. AWS: "Functions supported for metric math", CloudWatch user guide. */
const FOLDS: Readonly<Record<string, Fold>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => values.reduce((least, value) => Math.min(least, value), Infinity),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value), -Infinity),
};

const MAPS: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

const KNOWN = new Set([...Object.keys(FOLDS), ...Object.keys(MAPS), "FILL", "METRICS", "PERIOD"]);

function check(node: Node, names: string[]): void {
  switch (node.type) {
    case "name":
      if (node.name !== "REPEAT" && node.name !== "LINEAR") names.push(node.name);
      return;
    case "call":
      if (!KNOWN.has(node.name)) throw notBuilt(`the function ${node.name} of metric math`);
      return node.of.forEach((one) => check(one, names));
    case "list":
      return node.of.forEach((one) => check(one, names));
    case "operation":
      check(node.left, names);
      return check(node.right, names);
    default:
  }
}

function compute(node: Node, given: Given): Value {
  switch (node.type) {
    case "number":
      return node.value;
    case "name":
      return given.values.get(node.name) ?? new Map<number, number>();
    case "list":
      return node.of.map((one) => toSeries(compute(one, given)));
    case "operation":
      return combine(compute(node.left, given), compute(node.right, given), OPERATIONS[node.operator]);
    case "call":
      return call(node, given);
  }
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

/** AWS: where one of two series has no value there is none; a division by zero has none either. */
function combine(a: Value, b: Value, operation: ((a: number, b: number) => number) | undefined): Value {
  if (!operation) throw validation("Unknown operator.");
  if (typeof a === "number" && typeof b === "number") return operation(a, b);
  const [left, right] = [typeof a === "number" ? a : toSeries(a), typeof b === "number" ? b : toSeries(b)];
  const times = typeof left === "number" ? (right as Values).keys() : left.keys();
  const values = new Map<number, number>();
  for (const time of times) {
    const [x, y] = [at(left, time), at(right, time)];
    if (x === undefined || y === undefined) continue;
    const value = operation(x, y);
    if (Number.isFinite(value)) values.set(time, value);
  }
  return values;
}

function call({ name, of }: Extract<Node, { type: "call" }>, given: Given): Value {
  if (name === "METRICS") return [...given.values.values()];
  if (name === "PERIOD") return given.period / 1000;
  const [first, second] = of;
  if (!first) throw validation(`${name} needs an argument.`);
  const value = compute(first, given);
  if (name === "FILL") return fill(toSeries(value), second, given);
  const map = MAPS[name];
  if (map) {
    return typeof value === "number"
      ? map(value)
      : new Map([...toSeries(value)].map(([time, one]) => [time, map(one)]));
  }
  const fold = FOLDS[name] as Fold;
  if (typeof value === "number") return value;
  if (value instanceof Map) return value.size === 0 ? 0 : fold([...value.values()]);
  const all = value as readonly Values[];
  const times = new Set(all.flatMap((series) => [...series.keys()]));
  return new Map([...times].map((time) => [time, fold(all.flatMap((series) => series.get(time) ?? []))] as const));
}

/** AWS: with a number, with the value before, or on the line between the values around it. */
function fill(series: Values, how: Node | undefined, given: Given): Values {
  if (!how) throw validation("FILL needs a value to fill with.");
  if (how.type === "name" && how.name === "LINEAR") throw notBuilt("FILL with LINEAR");
  const repeat = how.type === "name" && how.name === "REPEAT";
  const value = repeat ? undefined : compute(how, given);
  const filled = new Map<number, number>();
  const start = Math.floor(given.span.from / 60_000) * 60_000;
  let last: number | undefined;
  for (let time = start; time < given.span.to; time += given.period) {
    const known = series.get(time);
    last = known ?? (repeat ? last : typeof value === "number" ? value : at(toSeries(value ?? 0), time));
    if (last !== undefined) filled.set(time, last);
  }
  return filled;
}

function at(value: number | Values, time: number): number | undefined {
  return typeof value === "number" ? value : value.get(time);
}

function toSeries(value: Value): Values {
  if (value instanceof Map) return value;
  throw validation("A time series is needed where the expression has something else.");
}
