import { expect, test } from "vitest";
import { AwsFault, createRouter, type At, type Protocol, type WireRequest, type WireResponse } from "#protocol";
import { loadCases, type ProtocolCase, toOurs, toTheirs } from "./cases.ts";
import { type Answer, isCbor, readFault, readOutput } from "./client.ts";
import { outputDifferences } from "./differences.ts";

// What an official client reads, we write: from what its caller gets, back to an answer that reads the same.
const cases = loadCases("output");

test("the cases are there", () => {
  expect(cases.length).toBeGreaterThan(300);
});

test.each(cases.map((one) => [`${one.file} ${one.id}`, one] as const))("%s", (name, one) => {
  const difference = outputDifferences[name] ?? outputDifferences[one.id];
  if (difference === undefined) check(one);
  else expect(() => check(one), `listed as different (${difference}), but passes: take it off the list`).toThrow();
});

test("every difference on the list names a case", () => {
  const names = new Set(cases.flatMap((one) => [one.id, `${one.file} ${one.id}`]));
  expect(Object.keys(outputDifferences).filter((name) => !names.has(name))).toEqual([]);
});

/** The official answer must read as its case says, or the reading proves nothing; then ours must read the same. */
function check(one: ProtocolCase): void {
  const theirs = toAnswer(one.response, isCbor(one) ? "base64" : "utf8");
  const answer = answerTo(one);
  const ours = { ...answer, body: bodyOf(answer) };
  expect(ours.status).toBe(theirs.status);
  expect(ours.headers["content-type"]).toBe(theirs.headers["content-type"] ?? ours.headers["content-type"]);
  if (one.error === undefined) {
    for (const read of [theirs, ours]) expect(toResult(one, readOutput(one, read))).toEqual(withoutNulls(one.result));
    return;
  }
  for (const read of [theirs, ours]) {
    const { code, message, members } = readFault(one, read);
    expect({ code, message }).toEqual({ code: one.errorCode, message: one.errorMessage ?? "" });
    const shape = one.operation.errors?.find(({ shape: name }) => one.model.shapes[name]);
    const {
      message: _lower,
      Message: _upper,
      ...rest
    } = (shape ? toTheirs(one.model, shape, members) : members) as Members;
    const { message: _l, Message: _u, ...expected } = one.error;
    expect(rest).toEqual(expected);
  }
}

type Members = Record<string, unknown>;

function toResult(one: ProtocolCase, members: Members): unknown {
  return one.operation.output ? toTheirs(one.model, one.operation.output, members) : members;
}

function withoutNulls(result: Members = {}): Members {
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== null));
}

function toAnswer(response: ProtocolCase["response"], encoding: BufferEncoding): Answer {
  const headers = Object.entries(response?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    status: response?.status_code ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.from(response?.body ?? "", encoding),
  };
}

function answerTo(one: ProtocolCase): WireResponse {
  const at: At = { model: one.model, operation: one.operation.name, quirks: {} };
  const protocol = protocolOf(one);
  if (one.error === undefined) {
    const ref = one.operation.output;
    const output = (ref ? toOurs(one.model, ref, one.result) : {}) as Record<string, unknown>;
    return protocol.serialize(at, output, "foo-id");
  }
  const shape = { shape: one.operation.errors?.[0]?.shape ?? "" };
  const { message, Message, ...members } = one.error;
  const text = one.errorMessage ?? String(message ?? Message ?? "");
  return protocol.serializeFault(
    at,
    new AwsFault(one.errorCode ?? "", text, { members: toOurs(one.model, shape, members) as Record<string, unknown> }),
    "foo-id",
  );
}

function protocolOf({ model, operation }: ProtocolCase): Protocol {
  const { protocol, jsonVersion, targetPrefix } = model.metadata;
  const route = createRouter(new Map([["tested", { model, quirks: { fallback: true } }]]));
  const request: WireRequest = {
    method: operation.http.method,
    path: operation.http.requestUri.replaceAll(/\{.*?\}/g, "x"),
    query: "",
    headers: {},
    host: "localhost",
  };
  if (protocol === "query" || protocol === "ec2") return route(request, { formAction: operation.name }).protocol;
  const json = {
    "x-amz-target": `${targetPrefix}.${operation.name}`,
    "content-type": `application/x-amz-json-${jsonVersion}`,
  };
  if (protocol === "json") return route({ ...request, headers: json }, {}).protocol;
  if (!protocol.startsWith("smithy")) return route(request, {}).protocol;
  const path = `/service/${targetPrefix}/operation/${operation.name}`;
  return route({ ...request, path, headers: { "smithy-protocol": "rpc-v2-cbor" } }, {}).protocol;
}

function bodyOf({ body }: WireResponse): Buffer {
  return typeof body === "string" || body === undefined ? Buffer.from(body ?? "") : Buffer.from(body as Uint8Array);
}
