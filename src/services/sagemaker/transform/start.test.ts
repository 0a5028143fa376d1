import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createKernel, rootPrincipal } from "#kernel";
import { expect, it } from "vitest";
import { services } from "../../index.ts";
import { type TransformContext, transformKey, type TransformRow } from "./state.ts";

const settings = { account: "000000000000", region: "us-east-1", host: "127.0.0.1", port: 0 };
const assets = resolve(import.meta.dirname, "../../../..");

it("fails the jobs that ran when the server died, in every region, and leaves the others", async () => {
  const home = await mkdtemp(join(tmpdir(), "cauce-transform-"));
  const reports: unknown[] = [];
  const open = () =>
    createKernel({
      settings: { ...settings, home, assets },
      services,
      report: (where, error) => reports.push({ where, error }),
    });
  const at = (kernel: Awaited<ReturnType<typeof open>>, region: string) =>
    kernel.context("sagemaker", rootPrincipal(settings.account), region);
  try {
    const first = await open();
    const leave = (region: string, name: string, status: TransformRow["status"]) => {
      const row = { id: name, arn: `arn:${name}`, region, status, created: 1, modified: 1 };
      const request = { TransformJobName: name, ModelName: "m" } as TransformRow["request"];
      const { tables } = at(first, region) as unknown as TransformContext;
      tables.transformJobs.put(transformKey(region, name), { ...row, request });
    };
    leave("us-east-1", "running", "InProgress");
    leave("eu-west-1", "stopping", "Stopping");
    leave("us-east-1", "done", "Completed");
    await first.stop();

    const second = await open();
    const describe = (region: string, TransformJobName: string) =>
      at(second, region).call("sagemaker", "DescribeTransformJob", { TransformJobName });
    const FailureReason = expect.stringContaining("The server ended unexpectedly while the job was running") as string;
    for (const [region, name] of [
      ["us-east-1", "running"],
      ["eu-west-1", "stopping"],
    ] as const) {
      await expect.poll(() => describe(region, name)).toMatchObject({ TransformJobStatus: "Failed", FailureReason });
    }
    expect(await describe("us-east-1", "done")).toMatchObject({ TransformJobStatus: "Completed" });
    await second.stop();
    expect(reports).toEqual([]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
