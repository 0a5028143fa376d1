import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compilePattern } from "./pattern.ts";

const folder = new URL("pattern-cases/", import.meta.url);

interface Case {
  readonly name: string;
  readonly pattern: unknown;
  readonly event: unknown;
  readonly text: string;
  readonly error: string;
}

describe("event patterns", () => {
  for (const file of readdirSync(folder)) {
    const [topic = "", kind] = file.split(".");
    const cases = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case[];
    describe(`${topic}: ${kind}`, () => {
      for (const one of cases) {
        it(one.name, () => {
          if (kind === "invalid") expect(() => compilePattern(one.text)).toThrow(one.error);
          else expect(compilePattern(JSON.stringify(one.pattern))(one.event)).toBe(kind === "match");
        });
      }
    });
  }

  it("refuses more alternatives than AWS allows", () => {
    const or = Array.from({ length: 11 }, (_, i) => ({ [`a${i}`]: ["x"] }));
    const pattern = { a: { $or: or }, b: { $or: or }, c: { $or: or } };
    expect(() => compilePattern(JSON.stringify(pattern))).toThrow("more than 1000 combinations");
  });

  it("does not hang on a wildcard made to be slow", () => {
    const pattern = compilePattern(JSON.stringify({ a: [{ wildcard: `${"*a".repeat(30)}*b` }] }));
    expect(pattern({ a: "a".repeat(100_000) })).toBe(false);
  });
});
