import { describe, expect, it } from "vitest";
import { sign } from "./sigv4.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const now = new Date("2015-08-30T12:36:00Z");
const signatureOf = (headers: Record<string, string>) =>
  /Signature=([0-9a-f]+)/.exec(headers["authorization"] ?? "")?.[1];

describe("sign", () => {
  // The two vectors of AWS's Signature Version 4 test suite that need nothing but a host and a date.
  it("agrees with AWS's vector get-vanilla", () => {
    const headers = sign(
      { method: "GET", host: "example.amazonaws.com", path: "/" },
      { service: "service", region: "us-east-1", credentials, now },
    );
    expect(signatureOf(headers)).toBe("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  });

  it("agrees with AWS's vector get-vanilla-query-order-key-case", () => {
    const request = {
      method: "GET",
      host: "example.amazonaws.com",
      path: "/",
      query: { Param2: "value2", Param1: "value1" },
    };
    expect(signatureOf(sign(request, { service: "service", region: "us-east-1", credentials, now }))).toBe(
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    );
  });

  it("signs S3's payload in a header, and a session's token", () => {
    const session = { ...credentials, sessionToken: "token" };
    const headers = sign(
      { method: "PUT", host: "h", path: "/b/k", body: "x" },
      { service: "s3", region: "us-east-1", credentials: session, now },
    );
    expect(headers["x-amz-content-sha256"]).toBe("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
    expect(headers["authorization"]).toContain(
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token",
    );
  });
});
