import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callAws } from "#aws";
import { answerer, type ProxyEvent } from "./answer.ts";
import { endpointDoor } from "./endpoint-door.ts";
import { ownModel } from "./own-model.ts";

/** What the endpoint would say, and what it was asked: a real server, so that the wire is what is tested. */
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let asked: { path: string; headers: IncomingMessage["headers"]; body: string }[];

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    asked.push({ path: request.url ?? "", headers: request.headers, body });
    respond(request, response);
  });
});
let endpoint: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  respond = json(200, { prediction: "Yes" });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

const modelError = (OriginalStatusCode: number, OriginalMessage: string) =>
  json(
    424,
    { OriginalStatusCode, OriginalMessage, Message: "Received client error" },
    { "x-amzn-errortype": "ModelError" },
  );

const TELCO = resolve(import.meta.dirname, "../../../test/vectors/records/telco");

const caller = () =>
  callAws({
    region: "us-east-1",
    endpoint,
    credentials: () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" }),
  });

async function ask(event: Partial<ProxyEvent>, origins: readonly string[] = ["*"]) {
  const aws = caller();
  const own = ownModel(aws, { endpoint: "churn", servingUri: "s3://bucket/churn/serving" });
  const handler = answerer(endpointDoor(aws, { endpoint: "churn", own }), { origins });
  const answer = await handler({ httpMethod: "POST", headers: {}, body: '{"tenure":5}', ...event });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: JSON.parse(answer.body) as { error?: { code: string; message: string } },
  };
}

describe("POST", () => {
  it("asks the endpoint with exactly application/json, signed, and passes the answer on", async () => {
    const answer = await ask({ headers: { "Content-Type": "application/json; charset=utf-8" } });
    expect(answer).toMatchObject({ status: 200, body: { prediction: "Yes" } });
    expect(asked[0]).toMatchObject({
      path: "/endpoints/churn/invocations",
      body: '{"tenure":5}',
      headers: { "content-type": "application/json", accept: "application/json" },
    });
    expect(asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/sagemaker\/aws4_request/,
    );
  });

  it("passes CSV on as CSV, and unpacks base64", async () => {
    await ask({
      headers: { "content-type": "text/csv" },
      body: Buffer.from("tenure\n5\n").toString("base64"),
      isBase64Encoded: true,
    });
    expect(asked[0]).toMatchObject({ body: "tenure\n5\n", headers: { "content-type": "text/csv" } });
  });

  it.each([
    { what: "nothing", body: null, headers: {}, status: 400, code: "EmptyBody" },
    { what: "white space", body: " \n", headers: {}, status: 400, code: "EmptyBody" },
    {
      what: "no JSON",
      body: "tenure=5",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      status: 400,
      code: "InvalidJson",
    },
    { what: "a number", body: "5", headers: {}, status: 400, code: "WrongShape" },
    { what: "null", body: "null", headers: {}, status: 400, code: "WrongShape" },
    {
      what: "XML",
      body: "<a/>",
      headers: { "Content-Type": "application/xml" },
      status: 415,
      code: "UnsupportedContentType",
    },
    { what: "more than 4.5 MB", body: `["${"x".repeat(4_500_000)}"]`, headers: {}, status: 413, code: "TooLarge" },
  ])("refuses $what without asking the model", async ({ body, headers, status, code }) => {
    const answer = await ask({ body, headers });
    expect(answer.status).toBe(status);
    expect(answer.body.error?.code).toBe(code);
    expect(asked).toEqual([]);
  });

  it("hands on the model's own refusal with its status", async () => {
    respond = modelError(400, JSON.stringify({ error: { code: "WrongType", message: '"tenure" must be a number' } }));
    expect(await ask({})).toMatchObject({ status: 400, body: { error: { code: "WrongType" } } });
  });

  it.each([
    [
      "an exception in the model",
      () => modelError(500, "<html>Traceback (most recent call last): secret.py</html>"),
      502,
      "ModelFailed",
    ],
    [
      "an endpoint that is not there",
      () =>
        json(
          400,
          { message: "Endpoint churn of account 000000000000 not found." },
          { "x-amzn-errortype": "ValidationError" },
        ),
      503,
      "NotDeployed",
    ],
    [
      "too many requests",
      () => json(429, { message: "slow down" }, { "x-amzn-errortype": "ThrottlingException" }),
      503,
      "Busy",
    ],
    [
      "a role without the permission",
      () => json(403, { message: "not authorized" }, { "x-amzn-errortype": "AccessDeniedException" }),
      502,
      "EndpointFailed",
    ],
    [
      "a connection that breaks",
      () => (request: IncomingMessage) => request.socket.destroy(),
      502,
      "EndpointUnreachable",
    ],
  ])("answers %s in JSON, with nothing of the inside", async (_what, make, status, code) => {
    respond = make();
    const answer = await ask({});
    expect(answer.status).toBe(status);
    expect(answer.body.error?.code).toBe(code);
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|Traceback|000000000000|not authorized/);
  });
});

it("says when it is worth asking a busy model again", async () => {
  respond = json(503, { message: "busy" }, { "x-amzn-errortype": "ServiceUnavailable", "retry-after": "7" });
  expect(await ask({})).toMatchObject({ status: 503, headers: { "Retry-After": "7" } });
});

describe("GET", () => {
  it("answers with what the deployment has written", async () => {
    respond = json(200, { name: "churn", version: 3 });
    expect(await ask({ httpMethod: "GET", body: null })).toMatchObject({ status: 200, body: { version: 3 } });
    expect(asked[0]?.path).toBe("/bucket/churn/serving/model.json");
  });

  it("says that nothing is deployed when there is nothing to describe", async () => {
    respond = (_request, response) => response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    expect(await ask({ httpMethod: "GET" })).toMatchObject({ status: 503, body: { error: { code: "NotDeployed" } } });
  });

  it("answers no other method", async () => {
    expect(await ask({ httpMethod: "DELETE" })).toMatchObject({ status: 405 });
  });
});

describe("CORS", () => {
  it.each([
    [["*"], "https://a.example", "*"],
    [["https://a.example", "https://b.example"], "https://b.example", "https://b.example"],
    [["https://a.example"], "https://evil.example", undefined],
    [[], "https://a.example", undefined],
  ])("%j allows %s: %s", async (origins, origin, allowed) => {
    const { headers } = await ask({ headers: { Origin: origin } }, origins);
    expect(headers["Access-Control-Allow-Origin"]).toBe(allowed);
  });
});

describe("without the endpoint", () => {
  const features = readFileSync(join(TELCO, "features.json"));
  const booster = readFileSync(join(TELCO, "model.ubj"));
  const body = '{"tenure":5}';
  /** The bucket, as it stands; InvokeEndpoint is refused. */
  function serve(refusal: { readonly status: number; readonly code: string }, by: "endpoint" | "lambda") {
    respond = (request, response) => {
      const path = request.url ?? "";
      const file = path.endsWith("features.json") ? features : path.endsWith("model.ubj") ? booster : undefined;
      if (path.includes("/invocations"))
        return json(refusal.status, { message: "no" }, { "x-amzn-errortype": refusal.code })(request, response);
      const head = { etag: '"1"', "x-amz-meta-config": "churn-1-00000000", "x-amz-meta-by": by };
      if (request.headers["if-none-match"] === '"1"') return void response.writeHead(304, head).end();
      response.writeHead(200, head).end(file ?? '{"version":1}');
    };
  }

  it("answers by itself while the project moves to it", async () => {
    serve({ status: 400, code: "ValidationError" }, "lambda");
    expect(await ask({ body })).toMatchObject({ status: 200, body: { prediction: expect.any(String) } });
    expect(await ask({ body: '{"tenur":5}' })).toMatchObject({
      status: 400,
      body: { error: { code: "UnknownField" } },
    });
  });

  it("answers by itself when its role has changed before it has", async () => {
    serve({ status: 403, code: "AccessDeniedException" }, "endpoint");
    expect(await ask({ body })).toMatchObject({ status: 200 });
  });

  it("does not answer for an endpoint that is not there yet", async () => {
    serve({ status: 400, code: "ValidationError" }, "endpoint");
    expect(await ask({ body })).toMatchObject({ status: 503, body: { error: { code: "NotDeployed" } } });
  });

  it("asks whether the pointer has changed, and takes the model once", async () => {
    serve({ status: 400, code: "ValidationError" }, "lambda");
    const aws = caller();
    const own = ownModel(aws, { endpoint: "churn", servingUri: "s3://bucket/churn/serving", freshMilliseconds: 0 });
    for (let i = 0; i < 3; i++) expect(await own.predict(body, "application/json")).toMatchObject({ status: 200 });
    expect(asked.map(({ path, headers }) => [path.split("/").at(-1), headers["if-none-match"]])).toEqual([
      ["model.json", undefined],
      ["features.json", undefined],
      ["model.ubj", undefined],
      ["model.json", '"1"'],
      ["model.json", '"1"'],
    ]);
    // What it knows answers on when nothing else does.
    respond = json(500, {});
    expect(await own.predict(body, "application/json")).toMatchObject({ status: 200 });
  });
});
