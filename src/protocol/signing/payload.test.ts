import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { ServiceModel } from "../model.ts";
import type { WireRequest } from "../wire.ts";
import { announcedChecksum, assertChecksums, decodePayload, trailersOf } from "./payload.ts";
import { verifySignature } from "./verify.ts";

const model: ServiceModel = { metadata: { apiVersion: "", protocol: "rest-xml" }, operations: {}, shapes: {} };
const at = { model, quirks: { singleEncodedPath: true } };
const find = () => ({ secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" });
const now = new Date("2013-05-24T00:00:00Z");
const CREDENTIAL = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

// AWS: the examples of "Signature calculations for the authorization header: transferring payload in multiple chunks"
// and "… including trailing headers" in the S3 API reference: 66,560 times the letter a.
const CHUNKED = {
  headers: {
    host: "s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": "66560",
    "content-length": "66824",
    authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class, Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9`,
  },
  signatures: [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ],
};

function chunkedBody(signatures: readonly string[], trailers = ""): Buffer {
  const [first, second, last] = signatures;
  return Buffer.from(
    `10000;chunk-signature=${first}\r\n${"a".repeat(65_536)}\r\n400;chunk-signature=${second}\r\n${"a".repeat(1024)}\r\n0;chunk-signature=${last}\r\n${trailers}\r\n`,
  );
}

function put(headers: Readonly<Record<string, string>>): WireRequest {
  return { method: "PUT", path: "/examplebucket/chunkObject.txt", query: "", headers, host: headers["host"] ?? "" };
}

function decode(request: WireRequest, body: Buffer, piece = 1000): Readable {
  const pieces = Array.from({ length: Math.ceil(body.length / piece) }, (_, i) =>
    body.subarray(i * piece, (i + 1) * piece),
  );
  const verified = verifySignature(request, undefined, { at, find, now });
  return decodePayload(Readable.from(pieces), verified, request);
}

test.each([7, 1000, 100_000])("the documented example of signed chunks, in pieces of %d bytes", async (piece) => {
  const content = await buffer(decode(put(CHUNKED.headers), chunkedBody(CHUNKED.signatures), piece));
  expect(content.equals(Buffer.alloc(66_560, "a"))).toBe(true);
});

test("the documented example of signed trailers", async () => {
  const headers = {
    ...CHUNKED.headers,
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "x-amz-trailer": "x-amz-checksum-crc32c",
    authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer, Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e`,
  };
  const { "content-length": _length, ...sent } = headers;
  const trailer =
    "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n";
  const signatures = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
  ];
  const stream = decode(put(sent), chunkedBody(signatures, trailer));
  expect((await buffer(stream)).length).toBe(66_560);
  expect(trailersOf(stream)).toEqual({ "x-amz-checksum-crc32c": "sOO8/Q==" });
});

test("a changed byte in a signed chunk is found", async () => {
  const body = chunkedBody(CHUNKED.signatures);
  body[30_000] = 98;
  await expect(buffer(decode(put(CHUNKED.headers), body))).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
});

test("a body that ends too early is found", async () => {
  const body = chunkedBody(CHUNKED.signatures).subarray(0, 66_000);
  await expect(buffer(decode(put(CHUNKED.headers), body))).rejects.toMatchObject({ code: "IncompleteBody" });
});

test("a framing that makes no sense is refused", async () => {
  const request = put({ "content-encoding": "aws-chunked" });
  for (const body of ["hello", "5\r\nhello!\r\n0\r\n\r\n", "z\r\n", `${"1".repeat(5000)}`]) {
    await expect(
      buffer(decodePayload(Readable.from([Buffer.from(body)]), undefined, request)),
      body,
    ).rejects.toMatchObject({
      name: "AwsFault",
    });
  }
});

test("a hash that was signed must be the body's", async () => {
  const hash = createHash("sha256").update("hello").digest("hex");
  const verified = { accessKeyId: "", service: "", region: "", payload: { kind: "sha256", hash } } as const;
  const read = (text: string) => buffer(decodePayload(Readable.from([Buffer.from(text)]), verified, put({})));
  expect((await read("hello")).toString()).toBe("hello");
  await expect(read("hallo")).rejects.toMatchObject({ code: "XAmzContentSHA256Mismatch" });
});

// Of "123456789", the check value of every published checksum.
test.each([
  ["x-amz-checksum-crc32", "y/Q5Jg=="],
  ["x-amz-checksum-crc32c", "4waSgw=="],
  ["x-amz-checksum-crc64nvme", "rosUhgp5mIg="],
  ["x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="],
  ["content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="],
])("%s is checked", async (name, value) => {
  const bytes = Buffer.from("123456789");
  const request = put({ [name]: value });
  assertChecksums(request, bytes);
  const payload = decodePayload(Readable.from([bytes]), undefined, request);
  const announced = announcedChecksum(payload, name);
  expect(announced).toThrow("not known yet");
  expect((await buffer(payload)).toString()).toBe("123456789");
  expect(announced?.()).toBe(value);
  expect(announcedChecksum(payload, "x-amz-checksum-sha256")).toBeUndefined();
  const wrong = expect.objectContaining({ code: "BadDigest" });
  expect(() => assertChecksums(request, Buffer.from("123456780"))).toThrow(wrong);
  await expect(buffer(decodePayload(Readable.from([Buffer.from("1")]), undefined, request))).rejects.toEqual(wrong);
});
