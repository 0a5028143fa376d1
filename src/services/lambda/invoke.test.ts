import { zipSync } from "fflate";
import { Lambda } from "@aws-sdk/client-lambda";
import { IAM } from "@aws-sdk/client-iam";
import { startCauce } from "#test/start-cauce";
import { expect, it } from "vitest";

it("smoke", async () => {
  await using cauce = await startCauce();
  const lambda = new Lambda(cauce.client);
  const iam = new IAM(cauce.client);
  const { Role } = await iam.createRole({
    RoleName: "fn",
    AssumeRolePolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
  });
  const zip = zipSync({
    "index.js": Buffer.from(
      `exports.handler = async (event, context) => { console.log("hi", event); return { event, id: context.awsRequestId, env: process.env, left: context.getRemainingTimeInMillis() }; };`,
    ),
  });
  const made = await lambda.createFunction({
    FunctionName: "hello",
    Role: Role?.Arn,
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Code: { ZipFile: zip },
  });
  console.log(made);
  for (let i = 0; i < 3; i++) {
    const t = performance.now();
    const out = await lambda.invoke({ FunctionName: "hello", Payload: JSON.stringify({ a: 1 }), LogType: "Tail" });
    console.log(
      performance.now() - t,
      out.StatusCode,
      out.FunctionError,
      Buffer.from(out.Payload ?? []).toString(),
      Buffer.from(out.LogResult ?? "", "base64").toString(),
    );
  }
  expect(cauce.reports).toEqual([]);
});
