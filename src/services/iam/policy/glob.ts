/**
 * Wildcards and variables of policies. `*` and `?` become characters of the private use area when a policy is compiled,
 * so that the text of a variable, put in later, can never act as a wildcard.
 */
export interface Glob {
  /** `variable` gives the text of `${…}`; one that is unknown makes the glob match nothing. */
  matches(value: string, variable: Variables): boolean;
}

export type Variables = (name: string) => string | undefined;

const STAR = "\ue000";
const ANY = "\ue001";

export function compileGlob(text: string, options: { readonly variables: boolean } = { variables: true }): Glob {
  const pieces = options.variables ? split(text) : [wildcards(text)];
  if (pieces.some((piece) => typeof piece !== "string")) {
    return {
      matches(value, variable) {
        const pattern = fill(pieces, variable);
        return pattern !== undefined && matchesPattern(pattern, value);
      },
    };
  }
  return compilePattern(pieces.join(""));
}

function compilePattern(pattern: string): Glob {
  if (pattern === STAR) return { matches: () => true };
  const first = pattern.search(/[\ue000\ue001]/);
  if (first < 0) return { matches: (value) => value === pattern };
  if (first === pattern.length - 1 && pattern.endsWith(STAR)) {
    const prefix = pattern.slice(0, -1);
    return { matches: (value) => value.startsWith(prefix) };
  }
  return { matches: (value) => matchesPattern(pattern, value) };
}

interface Variable {
  readonly name: string;
  readonly otherwise: string | undefined;
}

const VARIABLE = /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}/g;

function split(text: string): (string | Variable)[] {
  const pieces: (string | Variable)[] = [];
  let last = 0;
  for (const match of text.matchAll(VARIABLE)) {
    pieces.push(wildcards(text.slice(last, match.index)));
    const name = match[1] ?? "";
    pieces.push(name === "*" || name === "?" || name === "$" ? name : { name, otherwise: match[2] });
    last = match.index + match[0].length;
  }
  pieces.push(wildcards(text.slice(last)));
  return pieces;
}

function wildcards(text: string): string {
  return text.replaceAll("*", STAR).replaceAll("?", ANY);
}

function fill(pieces: readonly (string | Variable)[], variable: Variables): string | undefined {
  let pattern = "";
  for (const piece of pieces) {
    const text = typeof piece === "string" ? piece : (variable(piece.name) ?? piece.otherwise);
    if (text === undefined) return undefined;
    pattern += text;
  }
  return pattern;
}

/** Linear in practice: after a mismatch only the last star is tried again. */
function matchesPattern(pattern: string, value: string): boolean {
  let p = 0;
  let v = 0;
  let star = -1;
  let resume = 0;
  while (v < value.length) {
    const wanted = pattern[p];
    if (wanted === STAR) {
      star = p++;
      resume = v;
    } else if (wanted === ANY || (wanted !== undefined && wanted === value[v])) {
      p++;
      v++;
    } else if (star >= 0) {
      p = star + 1;
      v = ++resume;
    } else return false;
  }
  while (pattern[p] === STAR) p++;
  return p === pattern.length;
}
