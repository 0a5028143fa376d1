import { join } from "node:path";
import { expect, it } from "vitest";
import { runPython } from "#test/cauce-process";
import { startCauce } from "#test/start-cauce";

it("is CloudWatch to boto3 in each of the protocols that it knows, and scaling", { timeout: 60_000 }, async () => {
  await using cauce = await startCauce();
  const { endpoint, region, credentials } = cauce.client;
  const ran = await runPython([join(import.meta.dirname, "cloudwatch_boto3.py")], {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("done") });
  expect(cauce.reports).toEqual([]);
});
