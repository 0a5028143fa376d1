import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type ServiceModel, verifySignature, type WireRequest } from "#protocol";

// AWS's own test suite of Signature Version 4: what it signs, we accept; with anything changed, we do not.
interface SignatureCase {
  readonly name: string;
  readonly request: string;
  readonly canonical: string;
  readonly authorization: string;
}

const cases = JSON.parse(
  readFileSync(new URL("cases/sigv4.json", import.meta.url), "utf8"),
) as readonly SignatureCase[];
const model: ServiceModel = {
  metadata: { apiVersion: "", protocol: "json", endpointPrefix: "service" },
  operations: {},
  shapes: {},
};
const now = new Date("2015-08-30T12:36:00Z");

test("the suite is there", () => {
  expect(cases.length).toBeGreaterThan(30);
});

test.each(cases.map((one) => [one.name, one] as const))("%s", (_name, one) => {
  const { request, body } = parse(one);
  const token = request.headers["x-amz-security-token"];
  const key = { secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ...(token && { sessionToken: token }) };
  const verify = (changed: Partial<WireRequest>, sent = body) =>
    verifySignature({ ...request, ...changed }, sent, { at: { model, quirks: {} }, find: () => key, now });
  expect(verify({})).toMatchObject({ accessKeyId: "AKIDEXAMPLE", service: "service", region: "us-east-1" });
  const mismatch = expect.objectContaining({ code: "InvalidSignatureException" });
  expect(() => verify({ method: "PUT" })).toThrow(mismatch);
  expect(() => verify({ path: `${request.path}x` })).toThrow(mismatch);
  expect(() => verify({ query: "added=1" })).toThrow(mismatch);
  expect(() => verify({ headers: { ...request.headers, host: "example.com" } })).toThrow(mismatch);
  expect(() => verify({}, Buffer.from("another"))).toThrow(mismatch);
});

function parse({ request: text, canonical, authorization }: SignatureCase): { request: WireRequest; body: Buffer } {
  const [head = "", body = ""] = text.split("\n\n");
  const [line = "", ...rest] = head.replaceAll(/\n\s+/g, " ").split("\n");
  const [, method = "", uri = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(line) ?? [];
  const headers: Record<string, string> = { authorization };
  for (const header of rest) {
    const [, name = "", value = ""] = /^([^:]+):(.*)$/.exec(header) ?? [];
    const lower = name.toLowerCase();
    headers[lower] = headers[lower] === undefined ? value.trim() : `${headers[lower]},${value.trim()}`;
  }
  // The suite names a session token only where it lists what is signed.
  const token = /^x-amz-security-token:(.+)$/m.exec(canonical)?.[1];
  if (token) headers["x-amz-security-token"] = token;
  const mark = uri.indexOf("?");
  const path = mark < 0 ? uri : uri.slice(0, mark);
  const request = { method, path, query: mark < 0 ? "" : uri.slice(mark + 1), headers, host: headers["host"] ?? "" };
  return { request: request as WireRequest, body: Buffer.from(body) };
}
