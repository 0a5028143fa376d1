import { describe, expect, it } from "vitest";
import { parseFilterPattern } from "./filter-pattern.ts";

const json = JSON.stringify({
  level: "error",
  ms: 120,
  user: { name: "ada", tags: ["x", "y"] },
  ok: false,
  none: null,
});

describe("filter patterns", () => {
  it.each([
    ["", "anything", true],
    ["ERROR", "[ERROR] no", true],
    ["ERROR", "error", false],
    ["ERROR 503", "ERROR status 503", true],
    ["ERROR 503", "ERROR status 404", false],
    ['"no such table"', "it says no such table", true],
    ['"say \\"hi\\""', 'they say "hi"', true],
    ["?ERROR ?WARN", "WARN", true],
    ["?ERROR ?WARN", "INFO", false],
    ["ERROR -Timeout", "ERROR Timeout", false],
    ["ERROR -Timeout", "ERROR disk", true],
    ['-"a b"', "a b", false],
    ['{ $.level = "error" }', json, true],
    ["{ $.level = error }", json, true],
    ['{ $.level = "err*" }', json, true],
    ['{ $.level = "*r*r" }', json, true],
    ['{ $.level = "*rr" }', json, false],
    ["{ $.ms > 100 && $.ms <= 120 }", json, true],
    ["{ $.ms >= 1.3e2 }", json, false],
    ['{ $.user.tags[1] = "y" }', json, true],
    ['{ $.user["name"] != "ada" }', json, false],
    ["{ $.missing != 1 }", json, false],
    ["{ $.ok IS FALSE && $.none IS NULL && $.missing NOT EXISTS }", json, true],
    ['{ ($.level = "info" || $.ms = 120) && $.user.name = "ada" }', json, true],
    ["{ $.ms = 120 }", "not json", false],
  ])("%s on %s: %s", (pattern, message, expected) => {
    expect(parseFilterPattern(pattern)(message)).toBe(expected);
  });

  it.each(["{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", '"open', "{ ($.a = 1 }", "[a, b]", "%x%", "{ $.a < b }"])(
    "refuses %s",
    (pattern) => {
      expect(() => parseFilterPattern(pattern)).toThrow(expect.objectContaining({ code: "InvalidParameterException" }));
    },
  );
});
