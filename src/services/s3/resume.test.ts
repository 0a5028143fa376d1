import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { bytesOf, openBench } from "./kernel.fixture.ts";

const Bucket = "versioned";

it("keeps the bytes of every version through restarts, large and small, and sweeps none of them", async () => {
  const first = await openBench();
  onTestFinished(() => rm(first.home, { recursive: true }));
  const bodies = ["small", "x".repeat(300_000), "y".repeat(300_000)];
  const put = (Key: string, body: string) => first.call("PutObject", { Bucket, Key, Body: Buffer.from(body) });
  await first.call("CreateBucket", { Bucket });
  await put("a", "before");
  await put("b", "z".repeat(300_000));
  await first.call("PutBucketVersioning", { Bucket, VersioningConfiguration: { Status: "Enabled" } });
  for (const body of bodies) for (const key of ["a", "b"]) await put(key, body);
  await first.call("DeleteObject", { Bucket, Key: "a" });
  const blobs = first.blobs();
  await first.kernel.stop();

  // What the second sweeps, the third misses.
  const second = await openBench(first.home);
  const page = await second.call("ListObjectVersions", { Bucket });
  await setTimeout(50);
  await second.kernel.stop();
  const third = await openBench(first.home);
  onTestFinished(() => third.close());
  expect(page.Versions).toHaveLength(8);
  for (const { Key = "", VersionId = "", Size } of page.Versions ?? []) {
    expect((await bytesOf((await third.call("GetObject", { Bucket, Key, VersionId })).Body)).length).toBe(Size);
  }
  expect(third.blobs()).toBe(blobs);
});
