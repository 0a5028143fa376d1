import { validation } from "./faults.ts";

export type Node =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "list"; readonly of: readonly Node[] }
  | { readonly type: "call"; readonly name: string; readonly of: readonly Node[] }
  | { readonly type: "operation"; readonly operator: string; readonly left: Node; readonly right: Node };

/** AWS: an expression has at most 2048 characters. MetricDataQuery, API reference. */
const LONGEST = 2048;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_]\w*)|([-+*/()[\],]))/iy;

/** `m1 / m2 * 100`, `SUM([m1, m2])`, `FILL(m1, 0)`: the ordinary rules of precedence. */
export function parse(text: string): Node {
  if (text.length > LONGEST) throw validation(`An expression has at most ${LONGEST} characters.`);
  const tokens = tokensOf(text);
  let next = 0;
  const peek = () => tokens[next];
  const wrong = () => validation(`Error in expression ${JSON.stringify(text)}: unexpected ${peek() ?? "end"}.`);
  const take = (expected: string): void => {
    if (peek() !== expected) throw wrong();
    next++;
  };

  const sum = (): Node => binary(["+", "-"], product);
  const product = (): Node => binary(["*", "/"], unary);
  const binary = (operators: readonly string[], operand: () => Node): Node => {
    let left = operand();
    for (let operator = peek(); operator !== undefined && operators.includes(operator); operator = peek()) {
      next++;
      left = { type: "operation", operator, left, right: operand() };
    }
    return left;
  };
  const unary = (): Node => {
    if (peek() !== "-") return primary();
    next++;
    return { type: "operation", operator: "-", left: { type: "number", value: 0 }, right: unary() };
  };
  const until = (end: string): Node[] => {
    const of: Node[] = [];
    while (peek() !== end) {
      of.push(sum());
      if (peek() !== end) take(",");
    }
    take(end);
    return of;
  };
  const primary = (): Node => {
    const token = peek();
    if (token === undefined) throw wrong();
    next++;
    if (/^\d/.test(token)) return { type: "number", value: Number(token) };
    if (token === "[") return { type: "list", of: until("]") };
    if (token === "(") {
      const inner = sum();
      take(")");
      return inner;
    }
    if (!/^[A-Za-z_]/.test(token)) {
      next--;
      throw wrong();
    }
    if (peek() !== "(") return { type: "name", name: token };
    next++;
    return { type: "call", name: token.toUpperCase(), of: until(")") };
  };

  const root = sum();
  if (peek() !== undefined) throw wrong();
  return root;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      throw validation(`Error in expression ${JSON.stringify(text)}: unexpected ${text.slice(from).trim()[0]}.`);
    tokens.push(match[1] ?? match[2] ?? match[3] ?? "");
  }
  return tokens;
}
