import { isRecord, parseJson } from "#core";
import { invalidParameter } from "./faults.ts";

/** Whether a message is one that a pattern means. */
export type Matcher = (message: string) => boolean;

type Test = (event: unknown) => boolean;

/** `{ $.level = "error" && ($.ms > 100 || $.user NOT EXISTS) }`; `&&` binds stronger than `||`. */
export function parseJsonPattern(pattern: string): Matcher {
  const tokens = tokenize(pattern);
  const end = tokens.pop();
  if (tokens.shift() !== "{" || end !== "}") throw invalid();
  const test = readOr(tokens);
  if (tokens.length > 0) throw invalid();
  return (message) => {
    const event = message.trimStart().startsWith("{") ? parseJson(message) : undefined;
    return event !== undefined && test(event);
  };
}

const TOKEN =
  /\s*(?:(\{|\}|\(|\)|&&|\|\||!=|<=|>=|=|<|>)|("(?:[^"\\]|\\.)*")|(\$(?:\.[\w-]+|\[(?:\d+|"[^"\]]+"|'[^'\]]+')\])+)|([^\s(){}&|=<>!"]+))/y;
const DEPTH = 64;

function tokenize(pattern: string): string[] {
  const tokens: string[] = [];
  const reader = new RegExp(TOKEN);
  const text = pattern.trimEnd();
  while (reader.lastIndex < text.length) {
    const found = reader.exec(text);
    if (!found) throw invalid();
    tokens.push(found[0].trim());
  }
  return tokens;
}

function readOr(tokens: string[], depth = 0): Test {
  if (depth > DEPTH) throw invalid();
  const tests = [readAnd(tokens, depth)];
  while (tokens[0] === "||") {
    tokens.shift();
    tests.push(readAnd(tokens, depth));
  }
  return tests.length === 1 && tests[0] ? tests[0] : (event) => tests.some((test) => test(event));
}

function readAnd(tokens: string[], depth: number): Test {
  const tests = [readOne(tokens, depth)];
  while (tokens[0] === "&&") {
    tokens.shift();
    tests.push(readOne(tokens, depth));
  }
  return tests.length === 1 && tests[0] ? tests[0] : (event) => tests.every((test) => test(event));
}

function readOne(tokens: string[], depth: number): Test {
  if (tokens[0] === "(") {
    tokens.shift();
    const test = readOr(tokens, depth + 1);
    if (tokens.shift() !== ")") throw invalid();
    return test;
  }
  const selector = tokens.shift() ?? "";
  if (!selector.startsWith("$")) throw invalid();
  return readCondition(toPath(selector), tokens);
}

function readCondition(path: readonly (string | number)[], tokens: string[]): Test {
  const operator = tokens.shift()?.toUpperCase();
  const operand = tokens.shift();
  if (operator === undefined || operand === undefined) throw invalid();
  if (operator === "IS") return is(path, operand.toUpperCase());
  if (operator === "NOT" && operand.toUpperCase() === "EXISTS") return (event) => select(event, path) === undefined;
  return compare(path, operator, operand);
}

function is(path: readonly (string | number)[], what: string): Test {
  const wanted = { NULL: null, TRUE: true, FALSE: false }[what];
  if (wanted === undefined) throw invalid();
  return (event) => select(event, path) === wanted;
}

function compare(path: readonly (string | number)[], operator: string, operand: string): Test {
  const text = operand.startsWith('"') ? operand.slice(1, -1).replace(/\\(.)/g, "$1") : operand;
  const number = operand.startsWith('"') || text === "" ? Number.NaN : Number(text);
  const equal: Test = Number.isNaN(number)
    ? (event) => isText(select(event, path), text)
    : (event) => select(event, path) === number || select(event, path) === text;
  switch (operator) {
    case "=":
      return equal;
    case "!=":
      return (event) => select(event, path) !== undefined && !equal(event);
    case "<":
      return ordered(path, number, (a, b) => a < b);
    case "<=":
      return ordered(path, number, (a, b) => a <= b);
    case ">":
      return ordered(path, number, (a, b) => a > b);
    case ">=":
      return ordered(path, number, (a, b) => a >= b);
    default:
      throw invalid();
  }
}

function ordered(path: readonly (string | number)[], bound: number, holds: (a: number, b: number) => boolean): Test {
  if (Number.isNaN(bound)) throw invalid();
  return (event) => {
    const value = select(event, path);
    return typeof value === "number" && holds(value, bound);
  };
}

/** Text with `*` for any characters; matched piece by piece, so that no pattern can take long. */
function isText(value: unknown, wanted: string): boolean {
  if (typeof value !== "string") return false;
  const [head = "", ...pieces] = wanted.split("*");
  const tail = pieces.pop();
  if (tail === undefined) return value === wanted;
  if (!value.startsWith(head)) return false;
  let at = head.length;
  for (const piece of pieces) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return value.length - tail.length >= at && value.endsWith(tail);
}

function toPath(selector: string): (string | number)[] {
  return [...selector.matchAll(/\.([\w-]+)|\[(\d+)\]|\[["']([^"'\]]+)["']\]/g)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted ?? "") : Number(index),
  );
}

function select(event: unknown, path: readonly (string | number)[]): unknown {
  let value = event;
  for (const step of path) {
    if (typeof step === "number" && Array.isArray(value)) value = value[step] as unknown;
    else if (isRecord(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

function invalid() {
  return invalidParameter("Invalid filter pattern");
}
