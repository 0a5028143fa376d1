import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { callAws } from "#aws";
import { RowAsker } from "./ask-rows.ts";
import { endpointDoor, functionDoor } from "./model-door.ts";

/** A model that refuses some records, in the forms that models do; a real server, so that the wire is what is tested. */
let refuse: (
  records: readonly { readonly x: number }[],
) => { readonly status: number; readonly body: string } | undefined;
let asked = 0;

const server = createServer((request: IncomingMessage, response) => {
  let text = "";
  request.on("data", (part: Buffer) => (text += part.toString()));
  request.on("end", () => {
    asked++;
    const records = JSON.parse(text) as { x: number }[];
    const refused = refuse(records);
    response.writeHead(refused ? 424 : 200, { "content-type": "application/json" });
    if (refused) response.end(JSON.stringify({ OriginalStatusCode: refused.status, OriginalMessage: refused.body }));
    else response.end(JSON.stringify(records.map(({ x }) => ({ prediction: x * 2 }))));
  });
});
let endpoint: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => (asked = 0));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const records = (count: number) => Array.from({ length: count }, (_, x) => ({ x }));
function ask(count: number) {
  const credentials = () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" });
  const aws = callAws({ region: "us-east-1", endpoint, credentials });
  return new RowAsker(endpointDoor(aws, "birds"), "The job said so.").answers(records(count));
}
const expected = (count: number, wrong: readonly number[], error: unknown) =>
  records(count).map(({ x }) => (wrong.includes(x) ? { prediction: null, error } : { prediction: x * 2 }));

it("takes out the rows that the model names, ten at a time, and asks for the others again", async () => {
  const wrong = Array.from({ length: 23 }, (_, i) => i * 7);
  refuse = (sent) => {
    const problems = sent.flatMap(({ x }, i) =>
      wrong.includes(x) ? [{ code: "WrongType", message: `Row ${i + 1}: no x.`, row: i + 1 }] : [],
    );
    if (problems.length === 0) return undefined;
    return { status: 400, body: JSON.stringify({ error: problems[0], errors: problems.slice(0, 10), errorCount: 23 }) };
  };
  expect(await ask(200)).toEqual(expected(200, wrong, "no x."));
  expect(asked).toBe(4);
});

it("halves a request until it is found what a model means that names no row", async () => {
  refuse = (sent) => (sent.some(({ x }) => x === 100) ? { status: 500, body: "Traceback …" } : undefined);
  expect(await ask(256)).toEqual(expected(256, [100], "The model failed to answer this row; its log says why."));
  expect(asked).toBeLessThan(20);
  refuse = (sent) => (sent.some(({ x }) => x === 3) ? { status: 400, body: "What is 3?" } : undefined);
  expect(await ask(5)).toEqual(expected(5, [3], "The model refused this row: What is 3?"));
});

it("gives up a model that answers nothing, with why the job failed", async () => {
  refuse = () => ({ status: 500, body: "no" });
  await expect(ask(2048)).rejects.toMatchObject({ explanation: { code: "TransformFailed", why: "The job said so." } });
  expect(asked).toBeLessThan(80);
});

it("asks the function behind the URL as API Gateway does, when the model is inside of it", async () => {
  const said = { statusCode: 400, body: '{"error":{"message":"no"}}' };
  const event: unknown[] = [];
  const lambda = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      event.push(request.url, JSON.parse(body));
      response.end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => lambda.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`;
  const credentials = () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" });
  const door = functionDoor(callAws({ region: "us-east-1", endpoint: at, credentials }), "birds-predict");
  expect(await door(records(2))).toEqual({ status: 400, body: said.body });
  expect(event).toEqual([
    "/2015-03-31/functions/birds-predict/invocations",
    { httpMethod: "POST", headers: { "content-type": "application/json" }, body: '[{"x":0},{"x":1}]' },
  ]);
  said.statusCode = 502;
  expect(await door(records(1))).toBeUndefined();
  lambda.closeAllConnections();
  lambda.close();
});
