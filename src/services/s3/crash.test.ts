import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { objectBytes } from "./bytes.ts";
import { bytesOf, openBench } from "./kernel.fixture.ts";

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cauce-s3-crash-"));
});
afterAll(() => rm(home, { recursive: true }));

const WRITER = `
  import { openBench } from ${JSON.stringify(fileURLToPath(new URL("./kernel.fixture.ts", import.meta.url)))};
  const bench = await openBench(process.argv[1]);
  await bench.call("CreateBucket", { Bucket: "crash" });
  const body = (n) => Buffer.alloc((n % 2 ? 20_000 : 2_000) + n, n % 251);
  let n = 0;
  const one = async () => {
    for (;;) {
      const mine = n++;
      await bench.call("PutObject", { Bucket: "crash", Key: "k" + (mine % 7), Body: body(mine) });
      if (mine % 3 === 0) await bench.call("CopyObject", { Bucket: "crash", Key: "copy", CopySource: "crash/k" + (mine % 7) });
      if (mine % 5 === 0) await bench.call("DeleteObject", { Bucket: "crash", Key: "k" + ((mine + 3) % 7) });
      console.log("done");
    }
  };
  one(); one(); one(); one();
`;

it("keeps rows and bytes together through kill -9, and sweeps what belongs to nobody", async () => {
  const args = ["--import", "tsx", "--input-type=module", "-e", WRITER, home];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let lines = 0;
  for await (const chunk of child.stdout) {
    lines += String(chunk).split("\n").length - 1;
    if (lines > 60) child.kill("SIGKILL");
  }

  const bench = await openBench(home);
  const bytes = bench.kernel.live(objectBytes);
  const strays = [await bytes.write(Buffer.alloc(20_000)), await bytes.write(Buffer.from("its row was never written"))];
  await bench.kernel.commit(() => bytes.keep(strays.map(({ id, size }) => ({ blob: id, size }))));
  expect(bytes.list()).toEqual(expect.arrayContaining(strays.map(({ id }) => id)));
  await bench.close();

  const again = await openBench(home);
  const { Contents: contents = [] } = await again.call("ListObjectsV2", { Bucket: "crash" });
  expect(contents.length).toBeGreaterThan(0);
  for (const { Key = "", Size: size = 0 } of contents) {
    const { Body: body } = await again.call("GetObject", { Bucket: "crash", Key });
    const bytes = await bytesOf(body);
    expect(bytes.equals(Buffer.alloc(size, (size - (size < 20_000 ? 2_000 : 20_000)) % 251))).toBe(true);
  }
  await vi.waitFor(async () => {
    const ids = again.kernel.live(objectBytes).list();
    expect(ids).toHaveLength(contents.length);
    for (const { id } of strays) expect(ids).not.toContain(id);
  });
  expect(await readdir(join(home, "blobs", "of", "s3", "incoming"))).toEqual([]);
  await again.close();
});
