import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { telcoArchive, telcoRecords } from "./archives.ts";
import { type HostingTarget, openTarget, variant } from "./hosting-target.ts";

let target: HostingTarget;
const serverless = { MemorySizeInMB: 2048, MaxConcurrency: 5 };

beforeAll(async () => {
  target = await openTarget();
  await target.model("telco", telcoArchive());
  await configure("quiet", { ServerlessConfig: serverless });
});
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

async function configure(name: string, settings: object, ...more: object[]): Promise<void> {
  const made = { VariantName: "AllTraffic", ModelName: "telco", ...settings };
  await target.sagemaker.createEndpointConfig({
    EndpointConfigName: name,
    ProductionVariants: [made, ...(more as (typeof made)[])],
  });
}

const [many] = telcoRecords();

describe("a serverless endpoint", () => {
  it("is described as it was configured, without instances, and answers as any other", async () => {
    const { sagemaker, settled, invoke } = target;
    expect(await sagemaker.describeEndpointConfig({ EndpointConfigName: "quiet" })).toMatchObject({
      ProductionVariants: [{ ModelName: "telco", ServerlessConfig: serverless, InitialVariantWeight: 1 }],
    });
    await sagemaker.createEndpoint({ EndpointName: "quiet", EndpointConfigName: "quiet" });
    const found = await settled("quiet");
    expect(found).toMatchObject({
      EndpointStatus: "InService",
      ProductionVariants: [{ CurrentInstanceCount: 0, CurrentServerlessConfig: serverless }],
    });
    const answer = await invoke("quiet", many?.body ?? "");
    expect(JSON.parse(answer.body)).toEqual(many?.answer);
  });

  it.each([
    [{ ServerlessConfig: { ...serverless, MemorySizeInMB: 1500 } }, /MemorySizeInMB 1500 .*1024, 2048/],
    [{ ServerlessConfig: { ...serverless, MemorySizeInMB: 7168 } }, /memorySizeInMB.*less than or equal to 6144/],
    [{ ServerlessConfig: { ...serverless, MaxConcurrency: 201 } }, /maxConcurrency.*less than or equal to 200/],
    [{ ServerlessConfig: { ...serverless, ProvisionedConcurrency: 6 } }, /at most its MaxConcurrency/],
    [{ ServerlessConfig: serverless, InstanceType: "ml.m5.large" }, /^InstanceType cannot be specified together/],
    [{}, /^InstanceType is required/],
  ])("refuses %j", async (settings, message) => {
    await expect(configure("wrong", settings)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(message),
    });
  });

  it("has one variant", async () => {
    const other = { ...variant("telco", "other") };
    await expect(configure("two", { ServerlessConfig: serverless }, other)).rejects.toThrow("one production variant");
  });

  it("takes 4 MB", async () => {
    await expect(target.invoke("quiet", " ".repeat(4 * 2 ** 20 + 1))).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringMatching(/^Request \S+ has oversize body\.$/),
    });
    await expect(target.invoke("quiet", " ".repeat(4 * 2 ** 20))).rejects.toMatchObject({ OriginalStatusCode: 400 });
  });

  it("becomes one with instances, and does not come back from it", async () => {
    const { sagemaker, settled } = target;
    await sagemaker.updateEndpoint({ EndpointName: "quiet", EndpointConfigName: "telco" });
    expect((await settled("quiet")).ProductionVariants?.[0]).toMatchObject({ CurrentInstanceCount: 1 });
    const back = sagemaker.updateEndpoint({ EndpointName: "quiet", EndpointConfigName: "quiet" });
    await expect(back).rejects.toMatchObject({ name: "ValidationException" });
  });
});
