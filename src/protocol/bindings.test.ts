import { expect, test } from "vitest";
import type { ServiceModel } from "./model.ts";
import { restXml } from "./protocols/rest-xml.ts";

const model: ServiceModel = {
  metadata: { apiVersion: "", protocol: "rest-xml" },
  operations: {
    Get: {
      name: "Get",
      http: { method: "GET", requestUri: "/{Key+}" },
      input: { shape: "Shape" },
      output: { shape: "Shape" },
    },
  },
  shapes: {
    Shape: {
      type: "structure",
      members: {
        Key: { shape: "Text", location: "uri", locationName: "Key" },
        Note: { shape: "Text", location: "header", locationName: "x-note" },
        Meta: { shape: "Map", location: "headers", locationName: "x-amz-meta-" },
        Inside: { shape: "Text" },
      },
    },
    Text: { type: "string" },
    Map: { type: "map", key: { shape: "Text" }, value: { shape: "Text" } },
  },
};
const at = { model, operation: "Get", quirks: {} };

test("headers carry what a header can carry", () => {
  const { headers } = restXml.serialize(at, { Note: "a\r\nx-evil: 1", Meta: { City: "京都", Plain: "é" } }, "id");
  expect(headers["x-note"]).toBe("a x-evil: 1");
  expect(Buffer.from(headers["x-amz-meta-city"] ?? "", "latin1").toString("utf8")).toBe("京都");
  expect(headers["x-amz-meta-plain"]).toBe("é");
});

test("a body cannot say what the path or a header says", () => {
  const body = Buffer.from("<Shape><Key>other</Key><x-note>other</x-note><Inside>yes</Inside></Shape>");
  const request = { method: "GET", path: "/k", query: "", headers: {}, host: "" };
  expect(restXml.parse(at, { request, labels: { Key: "k" }, body })).toEqual({ Key: "k", Inside: "yes" });
});

test("a link's headers come in its query, but not what is no header", () => {
  const query = "X-Amz-Signature=x&x-amz-meta-a=b&x-amz-meta-%0A=c&x-amz-checksum-crc32=AAAAAA==&X-Amz-Meta-d=e";
  const request = { method: "GET", path: "/k", query, headers: { "x-amz-meta-f": "g" }, host: "" };
  const meta = (from: typeof request) => restXml.parse(at, { request: from, labels: {}, body: Buffer.of() })["Meta"];
  expect(meta(request)).toEqual({ a: "b", f: "g" });
  expect(meta({ ...request, query: query.replace("X-Amz-Signature", "other") })).toEqual({ f: "g" });
});
