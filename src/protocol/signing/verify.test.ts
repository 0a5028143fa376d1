import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ServiceModel } from "../model.ts";
import { verifySignature } from "./verify.ts";

const model: ServiceModel = {
  metadata: { apiVersion: "", protocol: "json", endpointPrefix: "service" },
  operations: {},
  shapes: {},
};
const now = new Date("2026-11-22T10:15:00Z");
const date = "20261122T101500Z";
const scope = "20261122/eu-west-1/service/aws4_request";

// Clients say the same in front of each signature, and what was read of it is kept: nothing may pass by that.
describe("requests of one client, one after the other", () => {
  it("pass, and each has a signature of its own", () => {
    expect(verify(signed("one"), "one")).toMatchObject({ accessKeyId: "AKIDEXAMPLE", service: "service" });
    expect(verify(signed("two"), "two")).toMatchObject({ accessKeyId: "AKIDEXAMPLE", service: "service" });
  });

  it("are refused with the signature of another, whole or in part", () => {
    expect(() => verify(signed("one"), "two")).toThrow(MISMATCH);
    const right = signed("one");
    const last = right.at(-1) === "0" ? "1" : "0";
    for (const wrong of [right.slice(0, -1) + last, right.slice(0, -1), `${right}0`, right.toUpperCase()])
      expect(() => verify(wrong, "one")).toThrow(MISMATCH);
    expect(verify(right, "one")).toBeDefined();
  });

  it("are verified with the secret of now", () => {
    expect(verify(signed("one"), "one")).toBeDefined();
    expect(() => verify(signed("one"), "one", "another")).toThrow(MISMATCH);
    expect(verify(signed("one", "another"), "one", "another")).toBeDefined();
    expect(() => verify(signed("one", "another"), "one")).toThrow(MISMATCH);
  });

  it("are in time or refused, though the second was read before", () => {
    const header = authorization(signed("one"));
    expect(() => verify(header, "one", "secret", new Date("2026-11-22T10:31:00Z"))).toThrow("Signature expired");
  });
});

const MISMATCH = expect.objectContaining({ code: "InvalidSignatureException" }) as Error;

function verify(signature: string, body: string, secretAccessKey = "secret", at = now) {
  const header = signature.startsWith("AWS4") ? signature : authorization(signature);
  const headers = { host: "localhost", "x-amz-date": date, authorization: header };
  const request = { method: "POST", path: "/", query: "", headers, host: "localhost" };
  return verifySignature(request, Buffer.from(body), {
    at: { model, quirks: {} },
    find: () => ({ secretAccessKey }),
    now: at,
  });
}

function authorization(signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
}

/** By the documentation, apart from our own. */
function signed(body: string, secret = "secret"): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const canonical = `POST\n/\n\nhost:localhost\nx-amz-date:${date}\n\nhost;x-amz-date\n${sha256(body)}`;
  const key = ["eu-west-1", "service", "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, "20261122"));
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString("hex");
}
