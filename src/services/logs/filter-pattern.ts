import { invalidParameter } from "./faults.ts";
import { type Matcher, parseJsonPattern } from "./json-pattern.ts";

/** CloudWatch Logs's filter patterns: text terms, or one JSON condition in braces. Throws the service's fault when it is not one. */
export function parseFilterPattern(pattern: string): Matcher {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return parseJsonPattern(text);
  if (text.startsWith("["))
    throw invalidParameter(
      "Space-delimited filter patterns are not implemented by Cauce. Use terms or a JSON pattern.",
    );
  return matchTerms(readTerms(text));
}

interface Term {
  readonly kind: "required" | "optional" | "excluded";
  readonly text: string;
}

function readTerms(text: string): Term[] {
  const terms: Term[] = [];
  const reader = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gy;
  let end = 0;
  while (end < text.length) {
    const [found, sign, quoted, bare] = reader.exec(text) ?? [];
    if (found === undefined) throw invalidParameter("Invalid filter pattern");
    end = reader.lastIndex;
    if (bare?.startsWith("%"))
      throw invalidParameter(
        "Regular expressions in filter patterns are not implemented by Cauce. Use terms or a JSON pattern.",
      );
    const term = quoted === undefined ? (bare ?? "") : quoted.replace(/\\(.)/g, "$1");
    terms.push({ kind: sign === "?" ? "optional" : sign === "-" ? "excluded" : "required", text: term });
  }
  return terms;
}

function matchTerms(terms: readonly Term[]): Matcher {
  const of = (kind: Term["kind"]) => terms.filter((term) => term.kind === kind).map((term) => term.text);
  const excluded = of("excluded");
  let [required, optional] = [of("required"), of("optional")];
  // AWS: beside other terms the question mark is ignored. From "Filter pattern syntax".
  if (required.length + excluded.length > 0) [required, optional] = [[...required, ...optional], []];
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (optional.length === 0 || optional.some((term) => message.includes(term)));
}
