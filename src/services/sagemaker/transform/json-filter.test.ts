import { describe, expect, it } from "vitest";
import { readFilter } from "./json-filter.ts";

const row = ["id", "1", "2", "3", "4", "5"];
const record = { id: 7, features: { a: [1, 2, 3], b: { c: true } }, "odd name": "x" };

describe("a filter", () => {
  it.each([
    ["$[0]", "id"],
    ["$[-1]", "5"],
    ["$[1,3,-1]", ["1", "3", "5"]],
    ["$[1:]", ["1", "2", "3", "4", "5"]],
    // The end belongs to it.
    ["$[1:4]", ["1", "2", "3", "4"]],
    ["$[:2]", ["id", "1", "2"]],
    ["$[-2:]", ["4", "5"]],
    ["$[*]", row],
    ["$[9]", undefined],
    ["$.a", undefined],
  ])("%s of a row", (path, wanted) => {
    expect(readFilter(path)?.select(row)).toEqual(wanted);
  });

  it.each([
    ["$", record],
    ["$.id", 7],
    ["$.features.a[1]", 2],
    ["$.features.a[0:1]", [1, 2]],
    ["$['odd name']", "x"],
    ["$['id','odd name']", { id: 7, "odd name": "x" }],
    ["$['id','nothing']", { id: 7 }],
    ["$.features.['a','b']", { a: [1, 2, 3], b: { c: true } }],
    ["$.features.*", [[1, 2, 3], { c: true }]],
    ["$.features.*.c", [true]],
    ["$.constructor", undefined],
    ["$.id.deeper", undefined],
  ])("%s of an object", (path, wanted) => {
    expect(readFilter(path)?.select(record)).toEqual(wanted);
  });

  it.each(["id", "$..id", "$[?(@.a>1)]", "$.a[", "$[a]", "$.length()", "$[0:4:2]"])("does not know %s", (path) => {
    expect(readFilter(path)).toBeUndefined();
  });

  it("says whether it needs names", () => {
    const named = ["$", "$[1:]", "$[0,1]", "$[*]", "$.a", "$['a']", "$[0].b"].map((path) => readFilter(path)?.byName);
    expect(named).toEqual([false, false, false, false, true, true, true]);
  });
});
