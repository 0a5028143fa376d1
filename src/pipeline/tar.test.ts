import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tarGz } from "./tar.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cauce-tar-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("makes an archive that tar unpacks, the same bytes each time", async () => {
  const texts = { "train.py": "print('ü')\n", "empty.py": "", [`${"long/".repeat(30)}name.py`]: "x".repeat(1025) };
  const entries = Object.entries(texts).map(([name, text], i) => {
    const file = join(folder, `${i}.source`);
    writeFileSync(file, text);
    return { name, file };
  });
  const made = await tarGz(entries);
  expect((await tarGz(entries)).equals(made)).toBe(true);
  writeFileSync(join(folder, "made.tar.gz"), made);
  execFileSync("tar", ["xzf", "made.tar.gz"], { cwd: folder });
  for (const [name, text] of Object.entries(texts)) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
});
