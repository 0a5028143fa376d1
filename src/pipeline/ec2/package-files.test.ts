import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { packCauce } from "./package-files.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

it("packs what the package ships, and asks for no more packages than the built program lacks", async () => {
  const { bytes, digest } = await packCauce(ROOT);
  expect((await packCauce(ROOT)).digest).toBe(digest);
  const files = filesIn(gunzipSync(bytes));
  for (const name of ["package/dist/cli.js", "package/models/s3.json", "package/NOTICE", "package/package.json"])
    expect([...files.keys()]).toContain(name);
  expect([...files.keys()].filter((name) => name.includes("__pycache__"))).toEqual([]);

  const { dependencies } = JSON.parse(files.get("package/package.json") ?? "") as {
    dependencies: Record<string, string>;
  };
  const whole = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as typeof JSON & { dependencies: object };
  expect(whole.dependencies).toMatchObject(dependencies);
  // The same that scripts/build.mjs leaves outside of the bundle, but for the package's own name.
  const [, list = ""] = /external: \[(.*?)\]/s.exec(readFileSync(join(ROOT, "scripts/build.mjs"), "utf8")) ?? [];
  const outside = [...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name).filter((name) => name !== "cauce");
  const covers = (pattern: string) => (name: string) =>
    name === pattern || (pattern.endsWith("/*") && name.startsWith(pattern.slice(0, -1)));
  expect(outside.filter((pattern) => !Object.keys(dependencies).some(covers(pattern)))).toEqual([]);
});

/** Names and contents of a tar. */
function filesIn(tar: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const text = (from: number, to: number) => tar.toString("latin1", at + from, at + to).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 136), 8);
    const prefix = text(345, 500);
    files.set((prefix && `${prefix}/`) + text(0, 100), tar.toString("utf8", at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
