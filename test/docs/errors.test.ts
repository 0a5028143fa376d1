import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
/** What answers at the URL, and the gateway's own refusal, carry codes without being a `CauceError`. */
const WITHOUT_CLASS = [
  "src/scoring/problems.ts",
  "src/functions/predict/answer.ts",
  "src/functions/predict/endpoint-door.ts",
  "src/functions/predict/own-model.ts",
  "src/server/gateway.ts",
];
const PYTHON = ["python/src/cauce_ml/cauce_request.py", ...modulesIn("python/src/cauce_models")];

it("every code has its line in docs/errors.md, and every line its code", () => {
  const documented = codesOf(readFileSync(join(ROOT, "docs/errors.md"), "utf8"), [/^\| `(\w+)` \|/gm]);
  const inCode = new Set([...sources().flatMap(codesIn), ...PYTHON.flatMap(codesInPython)]);
  expect(inCode.size).toBeGreaterThan(80);
  expect([...inCode].filter((code) => !documented.has(code))).toEqual([]);
  expect([...documented].filter((code) => !inCode.has(code))).toEqual([]);
});

function modulesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith(".py") ? [`${folder}/${name}`] : []));
}

function sources(): string[] {
  const files = readdirSync(join(ROOT, "src"), { recursive: true }) as string[];
  return files
    .map((file) => `src/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
}

function codesIn(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  if (WITHOUT_CLASS.includes(file)) {
    return [...codesOf(text, [/\bcode: "(\w+)"/g, /\bproblem\(\s*(?:\w+,\s*)?"(\w+)"/g])];
  }
  return [...codesOf(text, [...literals(text), ...passedOn(text)])];
}

/** `code: "X", what: …`, also when one of several is chosen. */
function literals(text: string): RegExp[] {
  const expressions = [...text.matchAll(/\bcode:\s*([^\n]*"[A-Z]\w*"[^\n]*?),\s*what\s*[:,]/g)].map(
    ([, expression]) => expression ?? "",
  );
  const found = expressions.flatMap((expression) =>
    [...expression.matchAll(/"([A-Z]\w+)"/g)].map(([, code]) => code ?? ""),
  );
  return found.map((code) => new RegExp(`"(${code})"`, "g"));
}

/** A maker that is given its code: `const refuse = (code: string, …) => new CauceError({ code, … })`. */
function passedOn(text: string): RegExp[] {
  if (!/new CauceError\(\{ code,/.test(text)) return [];
  const makers = [...text.matchAll(/(?:const|function) (\w+)(?: = )?\(code: string/g)].map(([, name]) => name);
  return makers.map((name) => new RegExp(`\\b${name}\\(\\s*"(\\w+)"`, "g"));
}

function codesInPython(file: string): string[] {
  return [
    ...codesOf(readFileSync(join(ROOT, file), "utf8"), [
      /"code": "([A-Z]\w+)"/g,
      /\bwrong\("(\w+)"/g,
      /\brefuse\(\s*"(\w+)"/g,
      /return\s*\(?\s*"(\w+)",\s*f"/g,
    ]),
  ];
}

function codesOf(text: string, patterns: readonly RegExp[]): Set<string> {
  return new Set(patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code ?? "")));
}
