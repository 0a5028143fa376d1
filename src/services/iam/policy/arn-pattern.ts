import { compileGlob, type Glob } from "./glob.ts";

/**
 * A pattern of ARNs: each of the six parts is matched for itself, so a star in one does not swallow the next.
 * AWS: parts that are missing at the end count as `*` (IAM user guide, "Resource").
 */
export function compileArnPattern(pattern: string, options: { readonly variables: boolean }): Glob {
  if (pattern === "*") return { matches: () => true };
  const parts = splitArn(pattern);
  if (!parts) return compileGlob(pattern, options);
  const globs = PARTS.map((_, index) => compileGlob(parts[index] ?? "*", options));
  return {
    matches(value, variable) {
      const found = splitArn(value);
      return found !== undefined && globs.every((glob, index) => glob.matches(found[index] ?? "", variable));
    },
  };
}

const PARTS = ["arn", "partition", "service", "region", "account", "resource"];

function splitArn(text: string): string[] | undefined {
  if (!text.startsWith("arn:")) return undefined;
  const parts: string[] = [];
  let from = 0;
  // A colon inside of ${…} belongs to the variable's name.
  for (let i = 0, depth = 0; i < text.length && parts.length < 5; i++) {
    if (text[i] === "$" && text[i + 1] === "{") depth++;
    else if (text[i] === "}" && depth > 0) depth--;
    else if (text[i] === ":" && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
