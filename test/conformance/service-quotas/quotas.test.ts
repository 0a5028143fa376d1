import { ServiceQuotas } from "@aws-sdk/client-service-quotas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let quotas: ServiceQuotas;
beforeAll(async () => {
  cauce = await startCauce();
  quotas = new ServiceQuotas(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  quotas.destroy();
  await cauce[Symbol.asyncDispose]();
});

const CONCURRENCY = { ServiceCode: "lambda", QuotaCode: "L-B99A9384" };
const noSuch = (message: string) => ({ name: "NoSuchResourceException", message });

describe("a quota", () => {
  test("is what applies to the account, and what AWS's default is", async () => {
    const { Quota: applied } = await quotas.getServiceQuota(CONCURRENCY);
    expect(applied).toEqual({
      ...CONCURRENCY,
      ServiceName: "AWS Lambda",
      QuotaArn: "arn:aws:servicequotas:us-east-1:000000000000:lambda/L-B99A9384",
      QuotaName: "Concurrent executions",
      Value: 1000,
      Unit: "None",
      Adjustable: true,
      GlobalQuota: false,
      QuotaAppliedAtLevel: "ACCOUNT",
    });
    const { Quota: standard } = await quotas.getAWSDefaultServiceQuota(CONCURRENCY);
    // AWS: the ARN of a default names no account. terraform-provider-aws 13075.
    expect(standard).toMatchObject({ QuotaArn: "arn:aws:servicequotas:us-east-1::lambda/L-B99A9384", Value: 1000 });
    expect(standard).not.toHaveProperty("QuotaAppliedAtLevel");
  });

  test("that is not known does not exist, nor does its service, nor one of a single resource", async () => {
    await expect(quotas.getServiceQuota({ ...CONCURRENCY, QuotaCode: "L-00000000" })).rejects.toMatchObject(
      noSuch("The request failed because the specified quota L-00000000 does not exist for service lambda."),
    );
    const service = "The request failed because the specified service does not exist.";
    // AWS: codes are case-sensitive. aws-cli 4569.
    for (const ServiceCode of ["Lambda", "quantum"]) {
      await expect(quotas.listServiceQuotas({ ServiceCode })).rejects.toMatchObject(noSuch(service));
      await expect(quotas.listAWSDefaultServiceQuotas({ ServiceCode })).rejects.toMatchObject(noSuch(service));
    }
    await expect(quotas.getServiceQuota({ ...CONCURRENCY, ContextId: "f" })).rejects.toMatchObject(
      noSuch("The request failed because applied value for the specified context Id do not exist."),
    );
  });

  test("of a service is listed page by page", async () => {
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await quotas.listServiceQuotas({ ServiceCode: "sagemaker", MaxResults: 2, NextToken });
      expect(page.Quotas?.length).toBeLessThanOrEqual(2);
      names.push(...(page.Quotas ?? []).map(({ QuotaName }) => QuotaName));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    const whole = await quotas.listAWSDefaultServiceQuotas({ ServiceCode: "sagemaker" });
    expect(whole.Quotas?.map(({ QuotaName }) => QuotaName)).toEqual(names);
    expect(names).toContain("ml.m5.large for endpoint usage");
    const one = await quotas.listServiceQuotas({ ServiceCode: "sagemaker", QuotaCode: "L-614B09FD" });
    expect(one.Quotas).toMatchObject([{ QuotaName: "ml.m5.large for endpoint usage", Value: 0 }]);
    const ofResources = await quotas.listServiceQuotas({ ServiceCode: "sagemaker", QuotaAppliedAtLevel: "RESOURCE" });
    expect(ofResources.Quotas).toEqual([]);
    await expect(quotas.listServiceQuotas({ ServiceCode: "sagemaker", NextToken: "x" })).rejects.toMatchObject({
      name: "InvalidPaginationTokenException",
    });
  });

  test("is of one of the services that are listed", async () => {
    const first = await quotas.listServices({ MaxResults: 1 });
    const rest = await quotas.listServices({ NextToken: first.NextToken });
    expect([...(first.Services ?? []), ...(rest.Services ?? [])]).toEqual([
      { ServiceCode: "lambda", ServiceName: "AWS Lambda" },
      { ServiceCode: "sagemaker", ServiceName: "Amazon SageMaker" },
    ]);
  });

  test("cannot be raised here, which is said by name", async () => {
    await expect(quotas.requestServiceQuotaIncrease({ ...CONCURRENCY, DesiredValue: 2000 })).rejects.toMatchObject({
      name: "NotImplemented",
      message: expect.stringContaining("RequestServiceQuotaIncrease"),
    });
  });
});
