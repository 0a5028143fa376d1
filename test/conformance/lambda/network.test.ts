import { afterAll, beforeAll, expect, test } from "vitest";
import { type LambdaCase, startLambdaCase } from "./lambda-case.ts";

let at: LambdaCase;
beforeAll(async () => void (at = await startLambdaCase()));
afterAll(() => at[Symbol.asyncDispose]());

const VpcConfig = { SubnetIds: ["subnet-0123abcd"], SecurityGroupIds: ["sg-0123abcd"] };
const files = { "index.js": "exports.handler = async () => 1" };
const allow = (RoleName: string) =>
  at.iam.putRolePolicy({
    RoleName,
    PolicyName: "network",
    PolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"],
        Resource: "*",
      },
    }),
  });

test("a function in a network: its role must be allowed to; kept, shown, left again", async () => {
  await expect(at.make("in", files, { VpcConfig })).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
  });
  await allow(at.role.split("/").at(-1) ?? "");
  await at.make("in", files, { VpcConfig });
  const shown = await at.lambda.getFunctionConfiguration({ FunctionName: "in" });
  expect(shown.VpcConfig).toMatchObject(VpcConfig);
  expect(await at.invoke("in")).toEqual({ error: undefined, value: 1 });
  await at.lambda.updateFunctionConfiguration({ FunctionName: "in", Description: "stays" });
  expect((await at.lambda.getFunctionConfiguration({ FunctionName: "in" })).VpcConfig).toMatchObject(VpcConfig);
  await at.lambda.updateFunctionConfiguration({
    FunctionName: "in",
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
  });
  expect((await at.lambda.getFunctionConfiguration({ FunctionName: "in" })).VpcConfig).toBeUndefined();
});

test("subnets without groups are refused", async () => {
  await expect(at.make("half", files, { VpcConfig: { SubnetIds: ["subnet-1"] } })).rejects.toMatchObject({
    name: "InvalidParameterValueException",
  });
});
