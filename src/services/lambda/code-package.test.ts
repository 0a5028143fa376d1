import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { afterEach, beforeEach, expect, it } from "vitest";
import { unpackCode } from "./code-package.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cauce-code-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function unpack(files: Zippable): Promise<string> {
  const zip = join(home, "code.zip");
  writeFileSync(zip, zipSync(files));
  await unpackCode(zip, join(home, "code"));
  return join(home, "code");
}

const unix = (mode: number) => ({ os: 3, attrs: mode << 16 });

it("unpacks folders and files, read-only, executable where they were", async () => {
  const at = await unpack({
    "index.js": Buffer.from("1"),
    "lib/deep/empty.txt": new Uint8Array(),
    bootstrap: [Buffer.from("#!"), unix(0o100755)],
  });
  expect(readFileSync(join(at, "index.js"), "utf8")).toBe("1");
  expect(statSync(join(at, "lib/deep/empty.txt")).size).toBe(0);
  expect(statSync(join(at, "bootstrap")).mode & 0o777).toBe(0o555);
  expect(statSync(join(at, "index.js")).mode & 0o777).toBe(0o444);
});

it.each<[string, Zippable, RegExp]>([
  ["a link", { link: [Buffer.from("/etc/passwd"), unix(0o120777)] }, /holds a link, link/],
  ["a device", { device: [Buffer.from(""), unix(0o020666)] }, /device, which is neither a file nor a folder/],
  ["a path upwards", { "a/../../out": Buffer.from("x") }, /^Could not unzip/],
  ["an absolute path", { "/out": Buffer.from("x") }, /^Could not unzip/],
  ["a path with a backslash", { "..\\out": Buffer.from("x") }, /^Could not unzip/],
  ["nothing at all", {}, /^Uploaded file must be a non-empty zip$/],
  [
    "more than 250 MB unpacked",
    { zeros: [new Uint8Array(262_144_001), { level: 1 }] },
    /^Unzipped size must be smaller than 262144000 bytes$/,
  ],
])("refuses %s, and leaves nothing behind", async (_what, files, message) => {
  await expect(unpack(files)).rejects.toMatchObject({
    code: "InvalidParameterValueException",
    message: expect.stringMatching(message),
  });
  expect(readdirSync(home)).toEqual(["code.zip"]);
  expect(existsSync(join(home, "..", "out"))).toBe(false);
});

it("refuses a zip whose entry is larger than it says", async () => {
  const bytes = Buffer.from(zipSync({ a: [Buffer.alloc(100_000, "x"), { level: 9 }] }));
  // The declared size in the central directory, where readers look.
  const entry = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  bytes.writeUInt32LE(10, entry + 24);
  writeFileSync(join(home, "code.zip"), bytes);
  await expect(unpackCode(join(home, "code.zip"), join(home, "code"))).rejects.toMatchObject({
    message: expect.stringMatching(/^Could not unzip/),
  });
});

it("unpacks the same code for several functions at once", async () => {
  const zip = join(home, "same.zip");
  writeFileSync(zip, zipSync({ "index.js": Buffer.alloc(300_000, "x"), "more/lib.js": Buffer.alloc(300_000, "y") }));
  const folder = join(home, "same");
  await Promise.all(Array.from({ length: 6 }, () => unpackCode(zip, folder)));
  expect(readFileSync(join(folder, "index.js")).length).toBe(300_000);
  expect(readdirSync(home).filter((name) => name.endsWith(".partial"))).toEqual([]);
});
