import { APIGateway, type PutIntegrationCommandInput } from "@aws-sdk/client-api-gateway";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { startCauce, type TestServer } from "#test/start-cauce";
import { zipSync } from "fflate";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let cauce: TestServer;
let gateway: APIGateway;
let lambda: Lambda;
let role: string;

const code = `exports.handler = async (event) => {
  const ask = event.ask ?? event.queryStringParameters?.ask;
  if (ask === "fail") throw new Error("Bad input: it failed");
  if (ask === "nonsense") return { statusCode: 200, body: { not: "text" } };
  if (ask === "extra") return { statusCode: 200, cookies: [] };
  if (ask === "list") return [1];
  if (ask === "slow") await new Promise((resolve) => setTimeout(resolve, 3000));
  if (ask === "teapot") return { statusCode: 418, headers: { "X-One": "1", "Content-Type": "text/plain" }, multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] }, body: "short and stout" };
  if (ask === "binary") return { statusCode: 200, headers: { "Content-Type": "image/png" }, isBase64Encoded: true, body: "iVBORw==" };
  if (event.requestContext) return { statusCode: 200, body: JSON.stringify(event) };
  return event;
};`;

beforeAll(async () => {
  cauce = await startCauce();
  gateway = new APIGateway(cauce.client);
  lambda = new Lambda(cauce.client);
  const trust = {
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  const made = await new IAM(cauce.client).createRole({
    RoleName: "echo",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", ...trust }),
  });
  role = made.Role?.Arn ?? "";
  await lambda.createFunction({
    FunctionName: "echo",
    Role: role,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode(code) }) },
  });
  await lambda.addPermission({
    FunctionName: "echo",
    StatementId: "gateway",
    Action: "lambda:InvokeFunction",
    Principal: "apigateway.amazonaws.com",
    SourceArn: "arn:aws:execute-api:us-east-1:000000000000:*/*/*/*",
  });
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

const uri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`;

interface Made {
  readonly id: string;
  readonly resourceId: string;
  readonly url: string;
  deploy(): Promise<void>;
}

/** An API with one resource and one method, not yet deployed. */
async function makeApi(
  method: string,
  integration: Omit<PutIntegrationCommandInput, "restApiId" | "resourceId" | "httpMethod">,
  options: { path?: string; binaryMediaTypes?: string[] } = {},
): Promise<Made> {
  const api = await gateway.createRestApi({
    name: "made",
    ...(options.binaryMediaTypes && { binaryMediaTypes: options.binaryMediaTypes }),
  });
  const id = api.id ?? "";
  let resourceId = api.rootResourceId ?? "";
  for (const pathPart of (options.path ?? "thing").split("/")) {
    resourceId = (await gateway.createResource({ restApiId: id, parentId: resourceId, pathPart })).id ?? "";
  }
  const at = { restApiId: id, resourceId, httpMethod: method };
  await gateway.putMethod({ ...at, authorizationType: "NONE" });
  await gateway.putIntegration({ ...at, integrationHttpMethod: "POST", ...integration });
  const deploy = async () =>
    void (await gateway.createDeployment({ restApiId: id, stageName: "prod", variables: { colour: "red" } }));
  return { id, resourceId, url: `${cauce.endpoint}/_aws/execute-api/${id}/prod`, deploy };
}

async function asJson(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

describe("AWS_PROXY", () => {
  it("gives the function the event of AWS, and its answer to the caller", async () => {
    const api = await makeApi("ANY", { type: "AWS_PROXY", uri: uri("echo") }, { path: "a/{id}/{rest+}" });
    await api.deploy();
    const response = await fetch(`${api.url}/a/7/x/y%2Bz/?q=1&q=2&e=a%20b&empty=`, {
      method: "POST",
      body: '{"n":1}',
      headers: { "Content-Type": "application/json", "X-Mine": "yes", "User-Agent": "tester" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get("x-amz-apigw-id")).toMatch(/=$/);
    const event = await asJson(response);
    expect(event).toMatchObject({
      resource: "/a/{id}/{rest+}",
      path: "/a/7/x/y%2Bz/",
      httpMethod: "POST",
      queryStringParameters: { q: "2", e: "a b", empty: "" },
      multiValueQueryStringParameters: { q: ["1", "2"], e: ["a b"], empty: [""] },
      pathParameters: { id: "7", rest: "x/y%2Bz" },
      stageVariables: { colour: "red" },
      body: '{"n":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: "000000000000",
        apiId: api.id,
        resourceId: api.resourceId,
        resourcePath: "/a/{id}/{rest+}",
        httpMethod: "POST",
        stage: "prod",
        path: "/prod/a/7/x/y%2Bz/",
        protocol: "HTTP/1.1",
        domainPrefix: api.id,
        requestId: response.headers.get("x-amzn-requestid"),
        identity: { sourceIp: "127.0.0.1", userAgent: "tester", accessKey: null },
      },
    });
    const { requestTime, requestTimeEpoch } = event["requestContext"] as Record<string, unknown>;
    expect(requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(Math.abs(Date.now() - Number(requestTimeEpoch))).toBeLessThan(10_000);
    const headers = event["headers"] as Record<string, string>;
    expect(headers["X-Forwarded-For"]).toBe("127.0.0.1");
    expect(Object.entries(headers).find(([name]) => name.toLowerCase() === "x-mine")?.[1]).toBe("yes");
    expect((event["multiValueHeaders"] as Record<string, string[]>)["X-Forwarded-Proto"]).toEqual(["http"]);
    expect(Object.keys(headers).map((name) => name.toLowerCase())).not.toContain("content-length");
  });

  it("says null where there is nothing", async () => {
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("echo") });
    await gateway.createDeployment({ restApiId: api.id, stageName: "plain" });
    const event = await asJson(await fetch(`${cauce.endpoint}/_aws/execute-api/${api.id}/plain/thing`));
    expect(event).toMatchObject({
      body: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      path: "/thing",
    });
  });

  it("takes status, headers and cookies; answers 502 to what is no answer", async () => {
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("echo") });
    await api.deploy();
    const teapot = await fetch(`${api.url}/thing?ask=teapot`);
    expect([teapot.status, await teapot.text()]).toEqual([418, "short and stout"]);
    expect(teapot.headers.get("content-type")).toBe("text/plain");
    expect(teapot.headers.get("x-one")).toBe("1");
    expect(teapot.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    for (const ask of ["fail", "nonsense", "extra", "list"]) {
      const bad = await fetch(`${api.url}/thing?ask=${ask}`);
      expect([ask, bad.status, await bad.text()]).toEqual([ask, 502, '{"message": "Internal server error"}']);
    }
  });

  it("passes bytes in and out where the API says that a type is binary", async () => {
    const api = await makeApi("ANY", { type: "AWS_PROXY", uri: uri("echo") }, { binaryMediaTypes: ["image/png"] });
    await api.deploy();
    const bytes = await fetch(`${api.url}/thing?ask=binary`, { headers: { Accept: "image/png" } });
    expect(Buffer.from(await bytes.arrayBuffer())).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
    const text = await fetch(`${api.url}/thing?ask=binary`, { headers: { Accept: "text/plain" } });
    expect(await text.text()).toBe("iVBORw==");
    const sent = await fetch(`${api.url}/thing`, {
      method: "POST",
      body: Buffer.from([0xff]),
      headers: { "Content-Type": "image/png" },
    });
    expect(await asJson(sent)).toMatchObject({ body: "/w==", isBase64Encoded: true });
  });

  it("times out, and refuses what is too large", async () => {
    const api = await makeApi("ANY", { type: "AWS_PROXY", uri: uri("echo"), timeoutInMillis: 100 });
    await api.deploy();
    const late = await fetch(`${api.url}/thing?ask=slow`);
    expect([late.status, await late.text()]).toEqual([504, '{"message": "Endpoint request timed out"}']);
    const large = await fetch(`${api.url}/thing`, { method: "POST", body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([large.status, await large.text()]).toEqual([413, '{"message":"Request Too Long"}']);
  });

  it("lets the function's resource policy decide", async () => {
    await lambda.createFunction({
      FunctionName: "closed",
      Role: role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipSync({ "index.js": new TextEncoder().encode(code) }) },
    });
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("closed") });
    await api.deploy();
    const refused = await fetch(`${api.url}/thing`);
    expect([refused.status, await refused.text()]).toEqual([500, '{"message": "Internal server error"}']);
    const SourceArn = `arn:aws:execute-api:us-east-1:000000000000:${api.id}/*/GET/thing`;
    const permission = {
      FunctionName: "closed",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn,
    };
    await lambda.addPermission({ ...permission, StatementId: "now" });
    expect((await fetch(`${api.url}/thing`)).status).toBe(200);
  });
});

describe("the address", () => {
  it("may be a host name, with a region or without", async () => {
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("echo") });
    await api.deploy();
    for (const host of [`${api.id}.execute-api.localhost`, `${api.id}.execute-api.us-east-1.localhost`]) {
      const { status, body } = await get(host, "/prod/thing");
      expect([host, status]).toEqual([host, 200]);
      expect(JSON.parse(body)).toMatchObject({ path: "/thing", requestContext: { domainName: host } });
    }
  });

  it("that is not there is refused as AWS refuses it", async () => {
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("echo") });
    await api.deploy();
    const missing = '{"message":"Missing Authentication Token"}';
    for (const path of ["/other", "/thing/more", "/"]) {
      const response = await fetch(api.url + path);
      expect([response.status, await response.text()]).toEqual([403, missing]);
      expect(response.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
    }
    expect((await fetch(`${api.url}/thing`, { method: "POST", body: "x" })).status).toBe(403);
    for (const path of [`${api.id}/other/thing`, "nosuchapi0/prod/thing", "", "x"]) {
      const response = await fetch(`${cauce.endpoint}/_aws/execute-api/${path}`);
      expect([path, response.status, await response.text()]).toEqual([path, 403, '{"message":"Forbidden"}']);
    }
  });

  it("shows what was deployed, not what was changed since", async () => {
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("echo") });
    await api.deploy();
    await gateway.deleteMethod({ restApiId: api.id, resourceId: api.resourceId, httpMethod: "GET" });
    await gateway.putMethod({
      restApiId: api.id,
      resourceId: api.resourceId,
      httpMethod: "PUT",
      authorizationType: "NONE",
    });
    const at = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "PUT" };
    await gateway.putIntegration({ ...at, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: uri("echo") });
    expect((await fetch(`${api.url}/thing`)).status).toBe(200);
    await api.deploy();
    expect((await fetch(`${api.url}/thing`)).status).toBe(403);
    expect((await fetch(`${api.url}/thing`, { method: "PUT" })).status).toBe(200);
    await gateway.deleteStage({ restApiId: api.id, stageName: "prod" });
    expect((await fetch(`${api.url}/thing`, { method: "PUT" })).status).toBe(403);
  });

  it("is open to web pages", async () => {
    const api = await makeApi("GET", { type: "AWS_PROXY", uri: uri("echo") });
    await api.deploy();
    expect((await fetch(`${api.url}/thing`, { headers: { Origin: "https://somewhere.example" } })).status).toBe(200);
  });
});

describe("MOCK and gateway responses", () => {
  it("answer a preflight, and errors with the headers that the API wants", async () => {
    const api = await makeApi("OPTIONS", {
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode": 204}' },
    });
    const at = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "OPTIONS", statusCode: "204" };
    const allow = "method.response.header.Access-Control-Allow-Origin";
    await gateway.putMethodResponse({ ...at, responseParameters: { [allow]: true } });
    await gateway.putIntegrationResponse({ ...at, responseParameters: { [allow]: "'*'" } });
    const header = "gatewayresponse.header.Access-Control-Allow-Origin";
    await gateway.putGatewayResponse({
      restApiId: api.id,
      responseType: "DEFAULT_4XX",
      responseParameters: { [header]: "'*'" },
    });
    await gateway.putGatewayResponse({
      restApiId: api.id,
      responseType: "MISSING_AUTHENTICATION_TOKEN",
      statusCode: "404",
      responseParameters: { [header]: "method.request.header.Origin" },
      responseTemplates: { "application/json": '{"error":$context.error.messageString,"in":"$context.stage"}' },
    });
    await api.deploy();
    const preflight = await fetch(`${api.url}/thing`, { method: "OPTIONS", headers: { Origin: "https://a.example" } });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    const missing = await fetch(`${api.url}/nothing`, { headers: { Origin: "https://a.example" } });
    expect([missing.status, missing.headers.get("access-control-allow-origin")]).toEqual([404, "https://a.example"]);
    expect(await missing.json()).toEqual({ error: "Missing Authentication Token", in: "prod" });
  });

  it("need a status in the template", async () => {
    const api = await makeApi("GET", { type: "MOCK" });
    await api.deploy();
    expect((await fetch(`${api.url}/thing`)).status).toBe(500);
  });
});

describe("AWS with templates", () => {
  it("maps the request and the response", async () => {
    const template = `#set($in = $input.path('$'))
{ "n": $input.json('$.n'), "who": "$util.escapeJavaScript($input.params('who'))", "stage": "$context.stage",
  "colour": "$stageVariables.colour", "first": "$in.list.get(0)", "none": "$input.params('none')" }`;
    const api = await makeApi("POST", {
      type: "AWS",
      uri: uri("echo"),
      requestTemplates: { "application/json": template },
    });
    const at = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "POST" };
    const size = "method.response.header.X-N";
    await gateway.putMethodResponse({ ...at, statusCode: "201", responseParameters: { [size]: false } });
    await gateway.putIntegrationResponse({
      ...at,
      statusCode: "201",
      responseParameters: { [size]: "integration.response.body.n" },
      responseTemplates: { "application/json": '{"got":$input.json("$")}' },
    });
    await api.deploy();
    const response = await fetch(`${api.url}/thing?who=say%20%22hi%22`, {
      method: "POST",
      body: '{"n":5,"list":["a"]}',
      headers: { "Content-Type": "application/json; charset=utf-8" },
    });
    expect([response.status, response.headers.get("x-n")]).toEqual([201, "5"]);
    expect(await response.json()).toEqual({
      got: { n: 5, who: 'say "hi"', stage: "prod", colour: "red", first: "a", none: "" },
    });
  });

  it("chooses the response by the function's error message", async () => {
    const api = await makeApi("POST", { type: "AWS", uri: uri("echo") });
    const at = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "POST" };
    for (const statusCode of ["200", "400"]) await gateway.putMethodResponse({ ...at, statusCode });
    await gateway.putIntegrationResponse({ ...at, statusCode: "200" });
    await gateway.putIntegrationResponse({
      ...at,
      statusCode: "400",
      selectionPattern: "(?i)bad INPUT:.*",
      responseTemplates: { "application/json": '{"why":"$input.path(\'$.errorMessage\')"}' },
    });
    await api.deploy();
    const good = await fetch(`${api.url}/thing`, { method: "POST", body: '{"x":1}' });
    expect([good.status, await good.json()]).toEqual([200, { x: 1 }]);
    const bad = await fetch(`${api.url}/thing`, { method: "POST", body: '{"ask":"fail"}' });
    expect([bad.status, await bad.json()]).toEqual([400, { why: "Bad input: it failed" }]);
  });

  it("refuses content without a template when it is told to", async () => {
    const api = await makeApi("POST", { type: "AWS", uri: uri("echo"), passthroughBehavior: "NEVER" });
    await api.deploy();
    const response = await fetch(`${api.url}/thing`, {
      method: "POST",
      body: "x",
      headers: { "Content-Type": "text/plain" },
    });
    expect([response.status, await response.text()]).toEqual([415, '{"message": "Unsupported Media Type"}']);
  });
});

/** `fetch` resolves names; here the host is only a header. */
function get(host: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(cauce.endpoint);
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, headers: { Host: host } }, (response) => {
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });
}
