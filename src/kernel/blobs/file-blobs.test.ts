import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { blobStoreSuite } from "./blob-store.suite.ts";
import { openFileBlobs } from "./file-blobs.ts";

const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "cauce-blobs-"));
  folders.push(made);
  return made;
}

afterEach(async () => {
  for (const made of folders.splice(0)) await rm(made, { recursive: true });
});

async function files(at: string): Promise<number> {
  const entries = await readdir(at, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

describe("file blobs", () => {
  blobStoreSuite(async () => {
    const at = await folder();
    return { blobs: openFileBlobs(at), count: () => files(at) };
  });

  it("keeps what was written and sweeps what was not finished, at the next opening", async () => {
    const at = await folder();
    const { id } = await openFileBlobs(at).write(Buffer.from("kept"));
    await writeFile(join(at, "incoming", "half"), "never acknowledged");
    expect(Buffer.from(await openFileBlobs(at).bytes(id)).toString()).toBe("kept");
    expect(await files(at)).toBe(1);
  });

  it("survives kill -9: all that was acknowledged is whole, the rest is gone", async () => {
    const at = await folder();
    const script = `import { openFileBlobs } from ${JSON.stringify(fileURLToPath(new URL("./file-blobs.ts", import.meta.url)))};
      const blobs = openFileBlobs(${JSON.stringify(at)});
      const one = async () => { for (;;) { const b = await blobs.write(Buffer.alloc(300_000, 1)); process.stdout.write(b.id + "\\n"); } };
      one(); one(); one();`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.split("\n").length > 30) child.kill("SIGKILL");
    }
    const acknowledged = said.split("\n").slice(0, -1);
    const blobs = openFileBlobs(at);
    for (const id of acknowledged) expect((await blobs.bytes(id)).byteLength).toBe(300_000);
    expect(await readdir(join(at, "incoming"))).toEqual([]);
    for (const id of blobs.list()) expect((await blobs.bytes(id)).byteLength).toBe(300_000);
  });
});
