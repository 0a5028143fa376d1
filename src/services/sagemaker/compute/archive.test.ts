import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { extractArchive } from "./archive.ts";

let folder = "";
const archive = () => join(folder, "x.tar.gz");
const into = () => join(folder, "into");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cauce-archive-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pack(...args: string[]): void {
  execFileSync("tar", ["-czPf", archive(), "-C", folder, ...args]);
}

it("unpacks files and folders", async () => {
  execFileSync("mkdir", ["-p", join(folder, "a/b")]);
  writeFileSync(join(folder, "a/b/c"), "text");
  pack("./a");
  await extractArchive(archive(), into());
  expect(readFileSync(join(into(), "a/b/c"), "utf8")).toBe("text");
});

it("refuses links, and what leads out of its folder", async () => {
  symlinkSync("/etc/passwd", join(folder, "link"));
  pack("link");
  await expect(extractArchive(archive(), into())).rejects.toThrow(
    "Link is a SymbolicLink; only files and folders are taken.",
  );
  writeFileSync(join(folder, "out"), "x");
  pack("--transform", "s,out,../out-of-here,", "out");
  await expect(extractArchive(archive(), into())).rejects.toThrow(/leads out of its folder/);
  expect(existsSync(join(folder, "out-of-here"))).toBe(false);
});

it("refuses too much: entries, bytes, and bytes for their packed size", async () => {
  const limits = { bytes: 2 ** 30, entries: 100, ratio: 500 };
  execFileSync("sh", [
    "-c",
    'cd "$1"; head -c 3000000 /dev/zero > zeros; head -c 3000 /dev/urandom > noise',
    "sh",
    folder,
  ]);
  pack("zeros", "noise");
  await extractArchive(archive(), into(), limits);
  await expect(extractArchive(archive(), into(), { ...limits, entries: 1 })).rejects.toThrow("more than 1 entries");
  await expect(extractArchive(archive(), into(), { ...limits, bytes: 2_000_000 })).rejects.toThrow(
    "more than 2000000 bytes",
  );
  await expect(extractArchive(archive(), into(), { ...limits, ratio: 10 })).rejects.toThrow(/unpacks to more than/);
});

it("refuses what is no gzip tar", async () => {
  writeFileSync(archive(), "hello");
  await expect(extractArchive(archive(), into())).rejects.toThrow(/not a gzip tar/);
});
