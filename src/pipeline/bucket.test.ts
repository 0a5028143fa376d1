import { expect, it } from "vitest";
import { type Target, withClients } from "#aws";
import { startCauce } from "#test/start-cauce";
import { tlsOnlyPolicy } from "./bucket-settings.ts";
import { ensureBucket } from "./bucket.ts";

const PLACE = { account: "000000000000", region: "us-east-1" };

it("refuses a bucket of another account, and says so", async () => {
  await using cauce = await startCauce();
  const target: Target = { name: "t", endpoint: cauce.endpoint, ...PLACE, credentials: cauce.client.credentials };
  const ensure = (account: string) =>
    withClients(target, (aws) => ensureBucket(aws, { bucket: "shared", place: { ...PLACE, account } }));
  await ensure(PLACE.account);
  await ensure(PLACE.account);
  await expect(ensure("111111111111")).rejects.toMatchObject({ explanation: { code: "BucketRefused" } });
});

it("adds to a policy what refuses plain HTTP, once, and leaves the rest", () => {
  const policy = tlsOnlyPolicy(undefined, "b", { ...PLACE, region: "cn-north-1" }) ?? "";
  expect(JSON.parse(policy)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "CauceTlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
  expect(tlsOnlyPolicy(policy, "b", PLACE)).toBeUndefined();
  const theirs = { Version: "2012-10-17", Id: "theirs", Statement: { Sid: "One", Effect: "Allow" } };
  const both = JSON.parse(tlsOnlyPolicy(JSON.stringify(theirs), "b", PLACE) ?? "") as { Statement: { Sid: string }[] };
  expect(both).toMatchObject({ Id: "theirs" });
  expect(both.Statement.map(({ Sid }) => Sid)).toEqual(["One", "CauceTlsOnly"]);
});
