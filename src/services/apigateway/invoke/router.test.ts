import { describe, expect, it } from "vitest";
import { createRouter } from "./router.ts";

const router = createRouter(
  ["/", "/pets", "/pets/{id}", "/pets/{id}/toys", "/pets/new", "/files/{path+}", "/{proxy+}"].map(
    (path) => [path, path] as const,
  ),
);

describe("router", () => {
  const cases: readonly [string, string | undefined, Record<string, string>?][] = [
    ["/", "/"],
    ["/pets", "/pets"],
    ["/pets/", "/pets"],
    ["/pets/new", "/pets/new"],
    ["/pets/7", "/pets/{id}", { id: "7" }],
    ["/pets/7/toys", "/pets/{id}/toys", { id: "7" }],
    ["/pets/new/toys", "/pets/{id}/toys", { id: "new" }],
    ["/pets/7/other", "/{proxy+}", { proxy: "pets/7/other" }],
    ["/files/a/b%20c", "/files/{path+}", { path: "a/b%20c" }],
    ["/files", "/{proxy+}", { proxy: "files" }],
    ["/pets//toys", "/pets/{id}/toys", { id: "" }],
  ];
  for (const [path, target, parameters] of cases) {
    it(`${path} is ${target}`, () => {
      const found = router.find(path);
      expect(found?.target).toBe(target);
      expect(found?.parameters && { ...found.parameters }).toEqual(parameters);
    });
  }

  it("finds nothing where nothing is", () => {
    expect(createRouter([["/a", 1]]).find("/b")).toBeUndefined();
    expect(createRouter([["/a", 1]]).find("/a/b")).toBeUndefined();
    expect(createRouter([["/a/{b}", 1]]).find("/a")).toBeUndefined();
  });
});
