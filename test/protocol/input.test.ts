import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createRouter, isStreamingInput, type At, type WireRequest } from "#protocol";
import { loadCases, type ProtocolCase, toTheirs } from "./cases.ts";
import { inputDifferences } from "./differences.ts";

// What an official client writes, we read back to what its caller gave.
const cases = loadCases("input").filter(({ serialized }) => serialized);

test("the cases are there", () => {
  expect(cases.length).toBeGreaterThan(300);
});

test.each(cases.map((one) => [`${one.file} ${one.id}`, one] as const))("%s", async (name, one) => {
  const difference = inputDifferences[name] ?? inputDifferences[one.id];
  if (difference === undefined) await check(one);
  else
    await expect(check(one), `listed as different (${difference}), but passes: take it off the list`).rejects.toThrow();
});

test("every difference on the list names a case", () => {
  const names = new Set(cases.flatMap((one) => [one.id, `${one.file} ${one.id}`]));
  expect(Object.keys(inputDifferences).filter((name) => !names.has(name))).toEqual([]);
});

async function check(one: ProtocolCase): Promise<void> {
  const request = toRequest(one);
  const body = Buffer.from(one.serialized?.body ?? "", one.file.startsWith("smithy-rpc-v2-cbor") ? "base64" : "utf8");
  const route = createRouter(new Map([["tested", { model: one.model, quirks: { fallback: true } }]]));
  const form = new URLSearchParams(/^(query|ec2)$/.test(one.model.metadata.protocol) ? body.toString() : "");
  const action = form.get("Action");
  const { operation, protocol, labels } = route(request, action === null ? {} : { formAction: action });
  expect(operation).toBe(one.operation.name);
  const at: At = { model: one.model, operation, quirks: {} };
  const streams = isStreamingInput(one.model, operation);
  const input = protocol.parse(at, { request, labels, body: streams ? Readable.from([body]) : body });
  for (const [member, value] of Object.entries(input))
    if (value instanceof Readable) input[member] = await buffer(value);
  forgetBoundParameters(one, input);
  if (!one.operation.input) expect(input).toEqual({});
  else expect(toTheirs(one.model, one.operation.input, input)).toEqual(withoutNulls(one.params));
}

/** Servers put every query parameter into the map of a query, also those of other members; clients send only the rest. */
function forgetBoundParameters({ model, operation, params = {} }: ProtocolCase, input: Record<string, unknown>): void {
  const members = model.shapes[operation.input?.shape ?? ""]?.members ?? {};
  for (const [name, ref] of Object.entries(members)) {
    if (ref.location !== "querystring" || model.shapes[ref.shape]?.type !== "map" || !input[name]) continue;
    const expected = params[name] as object | undefined;
    const kept = Object.entries(input[name]).filter(([key]) => expected && key in expected);
    if (kept.length > 0) input[name] = Object.fromEntries(kept);
    else delete input[name];
  }
}

/** A null that a caller gives is not sent. */
function withoutNulls(params: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
}

function toRequest({ serialized }: ProtocolCase): WireRequest {
  const { method = "", uri = "", headers = {} } = serialized ?? {};
  const [path = "", query = ""] = uri.split("?");
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, path, query, headers: lower, host: "localhost" };
}
