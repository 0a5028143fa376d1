import { expect, test } from "vitest";
import type { ServiceModel } from "../model.ts";
import type { WireRequest } from "../wire.ts";
import { verifySignature } from "./verify.ts";

const model: ServiceModel = {
  metadata: { apiVersion: "", protocol: "rest-xml", noErrorWrapping: true },
  operations: {},
  shapes: {},
};
const at = { model, quirks: { singleEncodedPath: true, hostLabel: { label: "Bucket", prefix: "s3" } } };

function verify(secretAccessKey: string, request: Partial<WireRequest>, now: Date) {
  const whole = { method: "GET", path: "/", query: "", headers: {}, host: "localhost", ...request };
  return verifySignature(whole, undefined, { at, find: () => ({ secretAccessKey }), now, region: "eu-west-1" });
}

// AWS: the example of "Signing and authenticating REST requests (Signature Version 2)" in the S3 user guide.
const example = {
  path: "/photos/puppy.jpg",
  query: "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620",
  host: "johnsmith.s3.amazonaws.com",
};
const EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const early = new Date(1_175_139_000_000);

test("the documented example, with the bucket in the host", () => {
  expect(verify(EXAMPLE_SECRET, example, early)).toEqual({
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    service: "",
    region: "eu-west-1",
    payload: { kind: "unsigned" },
  });
});

test("what boto3 1.44 makes of put_object with metadata and an ACL", () => {
  const query =
    "AWSAccessKeyId=AKID&Signature=zzNDiUe%2F49d35GihIyRJ2CzeMXw%3D&x-amz-meta-a=b&x-amz-acl=private&Expires=1795347391";
  const request = { method: "PUT", path: "/b/k", query };
  expect(verify("secret", request, early)).toMatchObject({ accessKeyId: "AKID" });
  const raised = { ...request, query: query.replace("private", "public-read") };
  expect(() => verify("secret", raised, early)).toThrow(expect.objectContaining({ code: "SignatureDoesNotMatch" }));
});

test("it ends when it says", () => {
  expect(() => verify(EXAMPLE_SECRET, example, new Date(1_175_139_621_000))).toThrow("Request has expired");
});

test("another method, path or secret is refused", () => {
  const mismatch = expect.objectContaining({ code: "SignatureDoesNotMatch", status: 403 });
  expect(() => verify(EXAMPLE_SECRET, { ...example, method: "DELETE" }, early)).toThrow(mismatch);
  expect(() => verify(EXAMPLE_SECRET, { ...example, path: "/photos/cat.jpg" }, early)).toThrow(mismatch);
  expect(() => verify("other", example, early)).toThrow(mismatch);
});
