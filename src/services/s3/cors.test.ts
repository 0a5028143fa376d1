import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WireRequest } from "#protocol";
import { rootPrincipal } from "#kernel";
import { crossOrigin } from "./cors.ts";
import { type Bench, openBench } from "./kernel.fixture.ts";
import type { S3Context } from "./state.ts";

let bench: Bench;
let ctx: S3Context;

beforeAll(async () => {
  bench = await openBench();
  ctx = bench.kernel.context("s3", rootPrincipal("000000000000")) as S3Context;
  await bench.call("CreateBucket", { Bucket: "open" });
  await bench.call("CreateBucket", { Bucket: "closed" });
  await bench.call("PutBucketCors", {
    Bucket: "open",
    CORSConfiguration: {
      CORSRules: [
        { AllowedOrigins: ["https://a.example"], AllowedMethods: ["PUT"], AllowedHeaders: ["*"] },
        { AllowedOrigins: ["*"], AllowedMethods: ["GET"] },
      ],
    },
  });
});
afterAll(() => bench.close());

function request(more: Partial<WireRequest> & { headers: Record<string, string> }): WireRequest {
  return { method: "GET", path: "/open/k", query: "X-Amz-Signature=0", host: "127.0.0.1", ...more } as WireRequest;
}

const preflight = (origin: string, method: string, headers = "") =>
  request({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": method, "access-control-request-headers": headers },
  });

describe("a page of another origin", () => {
  it("is told what the first rule that fits allows", () => {
    expect(crossOrigin(preflight("https://a.example", "PUT", "x-amz-meta-a, content-type"), ctx)).toMatchObject({
      "access-control-allow-origin": "https://a.example",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "x-amz-meta-a, content-type",
    });
    const everyone = crossOrigin(request({ headers: { origin: "https://b.example" } }), ctx);
    expect(everyone).toMatchObject({ "access-control-allow-origin": "*" });
    expect(everyone).not.toHaveProperty("access-control-allow-credentials");
  });

  it("is refused where no rule fits", () => {
    expect(() => crossOrigin(preflight("https://b.example", "PUT"), ctx)).toThrow("not allowed");
    expect(() => crossOrigin(preflight("https://b.example", "GET", "x-secret"), ctx)).toThrow("not allowed");
    expect(() => crossOrigin(request({ path: "/closed/k", headers: { origin: "https://a.example" } }), ctx)).toThrow(
      "CORS is not enabled",
    );
  });

  it("never gets past this without a presigned URL, nor for a bucket that is not there", () => {
    expect(crossOrigin(request({ query: "", headers: { origin: "https://a.example" } }), ctx)).toBeUndefined();
    expect(crossOrigin(request({ path: "/none/k", headers: { origin: "https://a.example" } }), ctx)).toBeUndefined();
    expect(crossOrigin(request({ path: "/%zz", headers: { origin: "https://a.example" } }), ctx)).toBeUndefined();
  });

  it("finds the bucket in the host too", () => {
    const headers = { origin: "https://b.example" };
    for (const host of ["open.s3.localhost:4566", "open.localhost:4566"]) {
      expect(crossOrigin(request({ host, path: "/k", headers }), ctx)).toBeDefined();
    }
  });

  it("needs rules that AWS would take", async () => {
    const put = (rule: object) =>
      bench.call("PutBucketCors", {
        Bucket: "closed",
        CORSConfiguration: { CORSRules: [{ AllowedOrigins: ["*"], AllowedMethods: ["GET"], ...rule }] },
      });
    await expect(put({ AllowedMethods: ["PATCH"] })).rejects.toMatchObject({ code: "InvalidRequest" });
    await expect(put({ AllowedOrigins: ["https://*.*"] })).rejects.toMatchObject({ code: "InvalidRequest" });
    await expect(put({ ExposeHeaders: ["x-*"] })).rejects.toMatchObject({ code: "InvalidRequest" });
    await expect(put({ AllowedOrigins: [] })).rejects.toMatchObject({ code: "MalformedXML" });
    await expect(bench.call("GetBucketCors", { Bucket: "closed" })).rejects.toMatchObject({
      code: "NoSuchCORSConfiguration",
    });
  });
});
