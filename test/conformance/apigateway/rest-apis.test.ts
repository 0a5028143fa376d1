import { APIGateway } from "@aws-sdk/client-api-gateway";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { IAM } from "@aws-sdk/client-iam";
import { startCauce, type TestServer } from "#test/start-cauce";
import { takeRole } from "#test/take-role";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const account = "000000000000";
const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:${account}:function:f/invocations`;

let cauce: TestServer;
let gateway: APIGateway;

beforeAll(async () => {
  cauce = await startCauce();
  gateway = new APIGateway(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

async function makeApi() {
  const { id = "", rootResourceId = "" } = await gateway.createRestApi({ name: "made" });
  return { restApiId: id, root: { restApiId: id, resourceId: rootResourceId, httpMethod: "GET" } };
}

describe("APIs", () => {
  it("are made, described, changed, listed and removed", async () => {
    const made = await gateway.createRestApi({
      name: "one",
      description: "first",
      version: "v1",
      binaryMediaTypes: ["image/png"],
      endpointConfiguration: { types: ["REGIONAL"] },
      tags: { a: "1" },
    });
    expect(made.id).toMatch(/^[a-z0-9]{10}$/);
    expect(made).toMatchObject({
      name: "one",
      description: "first",
      version: "v1",
      apiKeySource: "HEADER",
      binaryMediaTypes: ["image/png"],
      disableExecuteApiEndpoint: false,
      endpointConfiguration: { types: ["REGIONAL"], ipAddressType: "ipv4" },
      tags: { a: "1" },
    });
    expect(made.createdDate).toBeInstanceOf(Date);
    const restApiId = made.id;
    const changed = await gateway.updateRestApi({
      restApiId,
      patchOperations: [
        { op: "replace", path: "/name", value: "two" },
        { op: "remove", path: "/description" },
        { op: "add", path: "/binaryMediaTypes/image~1jpeg" },
        { op: "replace", path: "/binaryMediaTypes/image~1png", value: "image/gif" },
      ],
    });
    expect([changed.name, changed.description, changed.binaryMediaTypes]).toEqual([
      "two",
      undefined,
      ["image/gif", "image/jpeg"],
    ]);
    expect((await gateway.getRestApi({ restApiId })).name).toBe("two");
    expect((await gateway.getRestApis({})).items?.map(({ id }) => id)).toContain(restApiId);
    const resourceArn = `arn:aws:apigateway:us-east-1::/restapis/${restApiId}`;
    await gateway.tagResource({ resourceArn, tags: { b: "2" } });
    await gateway.untagResource({ resourceArn, tagKeys: ["a"] });
    expect((await gateway.getTags({ resourceArn })).tags).toEqual({ b: "2" });
    await gateway.deleteRestApi({ restApiId });
    await expect(gateway.getRestApi({ restApiId })).rejects.toMatchObject({
      name: "NotFoundException",
      message: `Invalid API identifier specified ${account}:${restApiId}`,
      $metadata: { httpStatusCode: 404 },
    });
  });

  it("are refused with AWS's sentences", async () => {
    const { restApiId } = await makeApi();
    const update = (op: "replace" | "add", path: string) =>
      gateway.updateRestApi({ restApiId, patchOperations: [{ op, path, value: "x" }] });
    await expect(gateway.createRestApi({ name: "x", description: "" })).rejects.toThrow(
      "Description cannot be an empty string",
    );
    await expect(update("replace", "/nonsense")).rejects.toThrow(
      "Invalid patch path  '/nonsense' specified for op 'replace'. Must be one of: [/name, ",
    );
    await expect(update("add", "/name")).rejects.toThrow(
      "Invalid patch operation specified. Must be one of: [replace]",
    );
    await expect(gateway.createRestApi({ name: "x", minimumCompressionSize: 0 })).rejects.toMatchObject({
      name: "NotImplemented",
    });
    await expect(gateway.createApiKey({})).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(gateway.createAuthorizer({ restApiId, name: "a", type: "TOKEN" })).rejects.toMatchObject({
      name: "NotImplemented",
    });
  });

  it("are listed in pages", async () => {
    await makeApi();
    await makeApi();
    const first = await gateway.getRestApis({ limit: 1 });
    const second = await gateway.getRestApis({ limit: 1, position: first.position });
    expect(first.items).toHaveLength(1);
    expect(second.items?.[0]?.id).not.toBe(first.items?.[0]?.id);
  });
});

describe("resources", () => {
  it("form a tree", async () => {
    const { restApiId, root } = await makeApi();
    const parentId = root.resourceId;
    const pets = await gateway.createResource({ restApiId, parentId, pathPart: "pets" });
    expect(pets).toMatchObject({ parentId, path: "/pets", pathPart: "pets" });
    const one = await gateway.createResource({ restApiId, parentId: pets.id, pathPart: "{id}" });
    await gateway.putMethod({ restApiId, resourceId: one.id, httpMethod: "GET", authorizationType: "NONE" });
    const moved = await gateway.updateResource({
      restApiId,
      resourceId: pets.id,
      patchOperations: [{ op: "replace", path: "/pathPart", value: "dogs" }],
    });
    expect(moved.path).toBe("/dogs");
    const { items } = await gateway.getResources({ restApiId, embed: ["methods"] });
    expect(items?.map(({ path }) => path)).toEqual(["/", "/dogs", "/dogs/{id}"]);
    expect(items?.[2]?.resourceMethods).toEqual({
      GET: { httpMethod: "GET", authorizationType: "NONE", apiKeyRequired: false },
    });
    expect((await gateway.getResource({ restApiId, resourceId: one.id })).resourceMethods).toEqual({ GET: {} });
    await gateway.deleteResource({ restApiId, resourceId: pets.id });
    expect((await gateway.getResources({ restApiId })).items?.map(({ path }) => path)).toEqual(["/"]);
  });

  it("are refused with AWS's sentences", async () => {
    const { restApiId, root } = await makeApi();
    const create = (pathPart: string, parentId = root.resourceId) =>
      gateway.createResource({ restApiId, parentId, pathPart });
    const greedy = await create("{proxy+}");
    const plain = await create("predict");
    await expect(create("predict")).rejects.toMatchObject({
      name: "ConflictException",
      message: "Another resource with the same parent already has this name: predict",
    });
    await expect(create("{id}")).rejects.toThrow(
      "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
    );
    await expect(create("x", greedy.id)).rejects.toThrow(
      "Cannot create a child of a resource with a greedy path variable: {proxy+}",
    );
    await expect(create("x", "nothere")).rejects.toThrow("Invalid Resource identifier specified");
    await expect(create("a b")).rejects.toThrow("Resource's path part only allow");
    const child = await create("child", plain.id);
    const patchOperations = [{ op: "replace" as const, path: "/parentId", value: child.id }];
    await expect(gateway.updateResource({ restApiId, resourceId: plain.id, patchOperations })).rejects.toThrow(
      "Resources cannot be cyclical.",
    );
  });
});

describe("methods and integrations", () => {
  it("are put, described, changed and removed", async () => {
    const { restApiId, root } = await makeApi();
    const put = await gateway.putMethod({
      ...root,
      authorizationType: "NONE",
      requestParameters: { "method.request.querystring.q": false },
    });
    expect(put).toMatchObject({ httpMethod: "GET", authorizationType: "NONE", apiKeyRequired: false });
    const integration = await gateway.putIntegration({ ...root, type: "AWS", integrationHttpMethod: "POST", uri });
    expect(integration).toMatchObject({
      type: "AWS",
      uri,
      passthroughBehavior: "WHEN_NO_MATCH",
      timeoutInMillis: 29_000,
      cacheNamespace: root.resourceId,
      cacheKeyParameters: [],
    });
    const response = { ...root, statusCode: "200" };
    await gateway.putMethodResponse({
      ...response,
      responseParameters: { "method.response.header.X": true },
      responseModels: { "application/json": "Empty" },
    });
    await gateway.putIntegrationResponse({
      ...response,
      responseParameters: { "method.response.header.X": "'1'" },
      selectionPattern: "",
    });
    await gateway.updateIntegration({
      ...root,
      patchOperations: [{ op: "replace", path: "/timeoutInMillis", value: "100" }],
    });
    await gateway.updateIntegrationResponse({
      ...response,
      patchOperations: [{ op: "replace", path: "/selectionPattern", value: "x.*" }],
    });
    await gateway.updateMethod({
      ...root,
      patchOperations: [{ op: "replace", path: "/operationName", value: "Named" }],
    });
    expect(await gateway.getMethod(root)).toMatchObject({
      operationName: "Named",
      methodResponses: { "200": { statusCode: "200", responseModels: { "application/json": "Empty" } } },
      methodIntegration: { timeoutInMillis: 100, integrationResponses: { "200": { selectionPattern: "x.*" } } },
    });
    expect((await gateway.getIntegrationResponse(response)).responseParameters).toEqual({
      "method.response.header.X": "'1'",
    });
    await gateway.deleteIntegrationResponse(response);
    await gateway.deleteMethodResponse(response);
    await gateway.deleteIntegration(root);
    await expect(gateway.getIntegration(root)).rejects.toThrow("Invalid Integration identifier specified");
    await gateway.deleteMethod(root);
    await expect(gateway.deleteMethod(root)).rejects.toThrow("Invalid Method identifier specified");
    expect(restApiId).not.toBe("");
  });

  it("are refused with AWS's sentences", async () => {
    const { root } = await makeApi();
    const method = (extra: object) => gateway.putMethod({ ...root, authorizationType: "NONE", ...extra });
    await expect(method({ httpMethod: "FETCH" })).rejects.toThrow(
      "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
    );
    await expect(method({ authorizationType: "AWS_IAM" })).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(method({ apiKeyRequired: true })).rejects.toMatchObject({ name: "NotImplemented" });
    await expect(method({ requestModels: { "application/json": "Pet" } })).rejects.toThrow(
      "Invalid model identifier specified: Pet",
    );
    await method({});
    await expect(method({})).rejects.toThrow("Method already exists for this resource");
    const integration = (extra: object) =>
      gateway.putIntegration({ ...root, type: "AWS_PROXY", integrationHttpMethod: "POST", uri, ...extra });
    await expect(integration({ type: "HTTP", uri: "https://example.com" })).rejects.toMatchObject({
      name: "NotImplemented",
    });
    await expect(integration({ uri: "arn:aws:apigateway:us-east-1:sqs:path/q" })).rejects.toMatchObject({
      name: "NotImplemented",
    });
    await expect(integration({ uri: "nonsense" })).rejects.toThrow("Invalid ARN specified in the request");
    await expect(integration({ integrationHttpMethod: undefined })).rejects.toThrow(
      "Enumeration value for HttpMethod must be non-empty",
    );
    await expect(integration({ timeoutInMillis: 30_000 })).rejects.toThrow(
      "Timeout should be between 50 ms and 29000 ms",
    );
    await expect(integration({ requestTemplates: { "application/json": "#if(" } })).rejects.toThrow(
      "The mapping template for application/json is not valid",
    );
    const response = (responseParameters: Record<string, string>) =>
      gateway.putIntegrationResponse({ ...root, statusCode: "200", responseParameters });
    await expect(response({})).rejects.toThrow("Invalid Integration identifier specified");
    await integration({ type: "MOCK" });
    await expect(response({})).rejects.toThrow("Invalid Response status code specified");
    await gateway.putMethodResponse({ ...root, statusCode: "200" });
    await expect(response({ "method.response.header.X": "'1'" })).rejects.toThrow(
      "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.X]",
    );
  });
});

describe("deployments and stages", () => {
  it("need methods with integrations; a deployment in use stays", async () => {
    const { restApiId, root } = await makeApi();
    await expect(gateway.createDeployment({ restApiId })).rejects.toThrow("The REST API doesn't contain any methods");
    await gateway.putMethod({ ...root, authorizationType: "NONE" });
    await expect(gateway.createDeployment({ restApiId })).rejects.toThrow("No integration defined for method");
    await gateway.putIntegration({ ...root, type: "MOCK" });
    const { id: deploymentId = "" } = await gateway.createDeployment({ restApiId, description: "first" });
    const summary = await gateway.getDeployment({ restApiId, deploymentId, embed: ["apisummary"] });
    expect(summary.apiSummary).toEqual({ "/": { GET: { authorizationType: "NONE", apiKeyRequired: false } } });
    const stage = await gateway.createStage({ restApiId, deploymentId, stageName: "prod", variables: { a: "1" } });
    expect(stage).toMatchObject({ stageName: "prod", deploymentId, variables: { a: "1" }, cacheClusterEnabled: false });
    await expect(gateway.createStage({ restApiId, deploymentId, stageName: "prod" })).rejects.toMatchObject({
      name: "ConflictException",
    });
    await expect(gateway.deleteDeployment({ restApiId, deploymentId })).rejects.toThrow(
      "Active stages pointing to this deployment must be moved or deleted",
    );
    const second = await gateway.createDeployment({ restApiId });
    const patchOperations = [
      { op: "replace" as const, path: "/deploymentId", value: second.id },
      { op: "replace" as const, path: "/variables/b", value: "2" },
      { op: "remove" as const, path: "/variables/a" },
    ];
    const updated = await gateway.updateStage({ restApiId, stageName: "prod", patchOperations });
    expect([updated.deploymentId, updated.variables]).toEqual([second.id, { b: "2" }]);
    await gateway.deleteDeployment({ restApiId, deploymentId });
    expect((await gateway.getDeployments({ restApiId })).items?.map(({ id }) => id)).toEqual([second.id]);
    expect((await gateway.getStages({ restApiId })).item?.map(({ stageName }) => stageName)).toEqual(["prod"]);
    await gateway.deleteStage({ restApiId, stageName: "prod" });
    await expect(gateway.getStage({ restApiId, stageName: "prod" })).rejects.toThrow(
      "Invalid stage identifier specified",
    );
  });

  it("have gateway responses, with AWS's defaults", async () => {
    const { restApiId } = await makeApi();
    const at = { restApiId, responseType: "UNAUTHORIZED" as const };
    expect(await gateway.getGatewayResponse(at)).toMatchObject({
      statusCode: "401",
      defaultResponse: true,
      responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
    });
    const put = await gateway.putGatewayResponse({ ...at, statusCode: "404" });
    expect([put.statusCode, put.defaultResponse]).toEqual(["404", false]);
    await gateway.updateGatewayResponse({
      ...at,
      patchOperations: [{ op: "add", path: "/responseParameters/gatewayresponse.header.X", value: "'1'" }],
    });
    const { items } = await gateway.getGatewayResponses({ restApiId });
    expect(items).toHaveLength(21);
    expect(items?.find(({ responseType }) => responseType === "UNAUTHORIZED")?.responseParameters).toEqual({
      "gatewayresponse.header.X": "'1'",
    });
    await gateway.deleteGatewayResponse(at);
    await expect(gateway.deleteGatewayResponse(at)).rejects.toMatchObject({ name: "NotFoundException" });
  });

  it("stand beside the account's settings", async () => {
    expect(await gateway.getAccount({})).toMatchObject({
      throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
      apiKeyVersion: "4",
    });
  });
});

describe("permissions", () => {
  it("are verbs on paths", async () => {
    const iam = new IAM(cauce.client);
    const trust = { Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" };
    const document = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
    const { Role } = await iam.createRole({ RoleName: "reader", AssumeRolePolicyDocument: document(trust) });
    const grant = { Effect: "Allow", Action: "apigateway:GET", Resource: "arn:aws:apigateway:us-east-1::/restapis/*" };
    await iam.putRolePolicy({ RoleName: "reader", PolicyName: "p", PolicyDocument: document(grant) });
    const credentials = await takeRole(cauce.client, Role?.Arn, "me");
    const limited = new APIGateway({ ...cauce.client, credentials });
    const { restApiId } = await makeApi();
    expect((await limited.getRestApi({ restApiId })).id).toBe(restApiId);
    await expect(limited.deleteRestApi({ restApiId })).rejects.toThrow(
      `is not authorized to perform: apigateway:DELETE on resource: arn:aws:apigateway:us-east-1::/restapis/${restApiId}`,
    );
  });
});

describe("CloudFormation", () => {
  const api = { Ref: "Api" };
  const cors = "method.response.header.Access-Control-Allow-Origin";
  const template = (body: string, deployment: string) =>
    JSON.stringify({
      Resources: {
        Api: {
          Type: "AWS::ApiGateway::RestApi",
          Properties: { Name: "stacked", EndpointConfiguration: { Types: ["REGIONAL"] } },
        },
        Path: {
          Type: "AWS::ApiGateway::Resource",
          Properties: { RestApiId: api, ParentId: { "Fn::GetAtt": ["Api", "RootResourceId"] }, PathPart: "predict" },
        },
        Options: {
          Type: "AWS::ApiGateway::Method",
          Properties: {
            RestApiId: api,
            ResourceId: { Ref: "Path" },
            HttpMethod: "OPTIONS",
            AuthorizationType: "NONE",
            MethodResponses: [{ StatusCode: "200", ResponseParameters: { [cors]: "true" } }],
            Integration: {
              Type: "MOCK",
              RequestTemplates: { "application/json": '{"statusCode": 200}' },
              IntegrationResponses: [
                {
                  StatusCode: 200,
                  ResponseParameters: { [cors]: "'*'" },
                  ResponseTemplates: { "application/json": body },
                },
              ],
            },
          },
        },
        Errors: {
          Type: "AWS::ApiGateway::GatewayResponse",
          Properties: {
            RestApiId: api,
            ResponseType: "DEFAULT_4XX",
            ResponseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" },
          },
        },
        [deployment]: {
          Type: "AWS::ApiGateway::Deployment",
          DependsOn: ["Options", "Errors"],
          Properties: { RestApiId: api },
        },
        Stage: {
          Type: "AWS::ApiGateway::Stage",
          Properties: { RestApiId: api, DeploymentId: { Ref: deployment }, StageName: "prod" },
        },
      },
      Outputs: { Api: { Value: api }, Stage: { Value: { Ref: "Stage" } } },
    });

  it("makes, changes and removes an API that answers", async () => {
    const cfn = new CloudFormation(cauce.client);
    const settled = async () => {
      for (;;) {
        const stack = (await cfn.describeStacks({ StackName: "api" })).Stacks?.[0];
        if (stack?.StackStatus && !stack.StackStatus.endsWith("_IN_PROGRESS")) return stack;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await cfn.createStack({ StackName: "api", TemplateBody: template("one", "DeploymentA") });
    const made = await settled();
    expect([made.StackStatus, made.StackStatusReason]).toEqual(["CREATE_COMPLETE", undefined]);
    const outputs = Object.fromEntries(
      (made.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? ""]),
    );
    expect(outputs["Stage"]).toBe("prod");
    const url = `${cauce.endpoint}/_aws/execute-api/${outputs["Api"]}/prod`;
    const first = await fetch(`${url}/predict`, { method: "OPTIONS" });
    expect([first.status, first.headers.get("access-control-allow-origin"), await first.text()]).toEqual([
      200,
      "*",
      "one",
    ]);
    expect((await fetch(`${url}/nothing`)).headers.get("access-control-allow-origin")).toBe("*");
    await cfn.updateStack({ StackName: "api", TemplateBody: template("two", "DeploymentB") });
    expect((await settled()).StackStatus).toBe("UPDATE_COMPLETE");
    expect(await (await fetch(`${url}/predict`, { method: "OPTIONS" })).text()).toBe("two");
    expect((await gateway.getDeployments({ restApiId: outputs["Api"] })).items).toHaveLength(1);
    await cfn.deleteStack({ StackName: "api" });
    await settled().catch(() => undefined);
    expect((await gateway.getRestApis({ limit: 500 })).items?.map(({ id }) => id)).not.toContain(outputs["Api"]);
    expect((await fetch(`${url}/predict`, { method: "OPTIONS" })).status).toBe(403);
  });
});
