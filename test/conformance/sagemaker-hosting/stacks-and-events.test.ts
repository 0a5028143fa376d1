import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { Lambda } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { telcoArchive, telcoRecords } from "./archives.ts";
import { BUCKET, type HostingTarget, IMAGE, openTarget, SCRIPT } from "./hosting-target.ts";

let target: HostingTarget;
let cloudformation: CloudFormation;

beforeAll(async () => {
  target = await openTarget();
  cloudformation = new CloudFormation(target.cauce.client);
  await target.s3.putObject({ Bucket: BUCKET, Key: "model.tar.gz", Body: telcoArchive() });
});
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

const template = (weight: number, action: string) => ({
  Resources: {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
        Policies: [
          {
            PolicyName: "own",
            PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] },
          },
        ],
      },
    },
    Shared: {
      Type: "AWS::IAM::ManagedPolicy",
      Properties: {
        Roles: [{ Ref: "Role" }],
        PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] },
      },
    },
    Beside: {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: "beside",
        Roles: [{ Ref: "Role" }],
        PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] },
      },
    },
    Model: {
      Type: "AWS::SageMaker::Model",
      Properties: {
        ExecutionRoleArn: { "Fn::GetAtt": ["Role", "Arn"] },
        PrimaryContainer: { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/model.tar.gz`, Environment: SCRIPT },
      },
    },
    Config: {
      Type: "AWS::SageMaker::EndpointConfig",
      Properties: {
        ProductionVariants: [
          {
            VariantName: "AllTraffic",
            ModelName: { "Fn::GetAtt": ["Model", "ModelName"] },
            InitialInstanceCount: "1",
            InstanceType: "ml.m5.large",
            InitialVariantWeight: weight,
          },
        ],
      },
    },
    Endpoint: {
      Type: "AWS::SageMaker::Endpoint",
      Properties: { EndpointName: "stacked", EndpointConfigName: { "Fn::GetAtt": ["Config", "EndpointConfigName"] } },
    },
  },
  Outputs: { Role: { Value: { Ref: "Role" } }, Endpoint: { Value: { Ref: "Endpoint" } } },
});

async function settled(StackName: string) {
  for (;;) {
    const { Stacks } = await cloudformation.describeStacks({ StackName });
    const stack = Stacks?.[0];
    if (!stack?.StackStatus?.endsWith("IN_PROGRESS")) return stack;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it("makes, changes and removes roles, policies, models and endpoints by a template", async () => {
  const { iam, sagemaker, invoke } = target;
  const StackName = "hosting";
  const Capabilities = ["CAPABILITY_IAM" as const];
  await cloudformation.createStack({
    StackName,
    Capabilities,
    TemplateBody: JSON.stringify(template(1, "s3:GetObject")),
  });
  const made = await settled(StackName);
  expect(made).toMatchObject({ StackStatus: "CREATE_COMPLETE" });
  const output = (key: string) => made?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? "";
  expect(output("Endpoint")).toBe("arn:aws:sagemaker:us-east-1:000000000000:endpoint/stacked");
  const one = telcoRecords().find(({ status }) => status === 200);
  expect(JSON.parse((await invoke("stacked", one?.body ?? "")).body)).toEqual(one?.answer);

  const RoleName = output("Role");
  expect((await iam.listRolePolicies({ RoleName })).PolicyNames).toEqual(["beside", "own"]);
  expect((await iam.listAttachedRolePolicies({ RoleName })).AttachedPolicies).toHaveLength(2);
  const before = await sagemaker.describeEndpoint({ EndpointName: "stacked" });

  await cloudformation.updateStack({ StackName, Capabilities, TemplateBody: JSON.stringify(template(2, "s3:Get*")) });
  expect(await settled(StackName)).toMatchObject({ StackStatus: "UPDATE_COMPLETE" });
  const { PolicyDocument: document } = await iam.getRolePolicy({ RoleName, PolicyName: "own" });
  expect(decodeURIComponent(document ?? "")).toContain("s3:Get*");
  const after = await sagemaker.describeEndpoint({ EndpointName: "stacked" });
  expect(after.EndpointConfigName).not.toBe(before.EndpointConfigName);
  expect(after.ProductionVariants?.[0]?.CurrentWeight).toBe(2);

  await cloudformation.deleteStack({ StackName });
  await expect.poll(() => settled(StackName).catch((error: Error) => error.message)).toContain("does not exist");
  await expect(sagemaker.describeEndpoint({ EndpointName: "stacked" })).rejects.toThrow("Could not find endpoint");
  await expect(iam.getRole({ RoleName })).rejects.toMatchObject({ name: "NoSuchEntityException" });
  expect((await iam.listPolicies({ Scope: "Local" })).Policies).toEqual([]);
});

it("tells of every state of an endpoint, of its model and configuration", async () => {
  const { events, iam, sagemaker, settled: endpointSettled, model } = target;
  const lambda = new Lambda(target.cauce.client);
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const { Role } = await iam.createRole({
    RoleName: "listener",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
  await iam.attachRolePolicy({ RoleName: "listener", PolicyArn });
  const code = "export const handler = async (event) => { console.log('EVENT ' + JSON.stringify(event)); };";
  const { FunctionArn: Arn } = await lambda.createFunction({
    FunctionName: "listener",
    Runtime: "nodejs24.x",
    Handler: "index.handler",
    Role: Role?.Arn,
    Code: { ZipFile: zipSync({ "index.mjs": strToU8(code) }) },
  });
  const { RuleArn } = await events.putRule({
    Name: "hosting",
    EventPattern: JSON.stringify({ source: ["aws.sagemaker"] }),
  });
  const permission = { Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com", SourceArn: RuleArn };
  await lambda.addPermission({ FunctionName: "listener", StatementId: "events", ...permission });
  await events.putTargets({ Rule: "hosting", Targets: [{ Id: "1", Arn }] });

  await model("Told", telcoArchive());
  await sagemaker.createEndpoint({ EndpointName: "Told", EndpointConfigName: "Told" });
  await endpointSettled("Told");
  await sagemaker.deleteEndpoint({ EndpointName: "Told" });
  const logs = new CloudWatchLogs(target.cauce.client);
  const seen = async () => {
    const found = await logs
      .filterLogEvents({ logGroupName: "/aws/lambda/listener", filterPattern: "EVENT" })
      .catch(() => ({ events: [] }));
    const lines = (found.events ?? []).map(({ message }) => {
      const event = JSON.parse((message ?? "").split("EVENT ")[1] ?? "{}") as Told;
      return [event["detail-type"], event.resources[0]?.split(":").at(-1), event.detail.EndpointStatus ?? ""].join(" ");
    });
    return lines.toSorted();
  };
  await expect
    .poll(seen, { timeout: 10_000 })
    .toEqual([
      "SageMaker Endpoint Config State Change endpoint-config/told ",
      "SageMaker Endpoint State Change endpoint/told CREATING",
      "SageMaker Endpoint State Change endpoint/told DELETING",
      "SageMaker Endpoint State Change endpoint/told IN_SERVICE",
      "SageMaker Model State Change model/told ",
    ]);
});

interface Told {
  readonly "detail-type": string;
  readonly resources: readonly string[];
  readonly detail: { readonly EndpointStatus?: string };
}
