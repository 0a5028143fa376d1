import fc from "fast-check";
import { expect, test } from "vitest";
import type { ServiceModel, ShapeModel } from "../model.ts";
import { parseXml, xmlDecoder } from "./xml-read.ts";
import { xmlEncoder } from "./xml-write.ts";

const shapes: Record<string, ShapeModel> = {
  Root: {
    type: "structure",
    members: {
      Text: { shape: "Text" },
      Attribute: { shape: "Text", xmlAttribute: true, locationName: "x:at" },
      Number: { shape: "Number" },
      Flag: { shape: "Flag", locationName: "flag" },
      Time: { shape: "Time" },
      Bytes: { shape: "Bytes" },
      List: { shape: "List" },
      Flat: { shape: "List", flattened: true, locationName: "Item" },
      Map: { shape: "Map" },
      FlatMap: { shape: "Map", flattened: true },
      Inner: { shape: "Root" },
    },
  },
  Text: { type: "string" },
  Number: { type: "double" },
  Flag: { type: "boolean" },
  Time: { type: "timestamp" },
  Bytes: { type: "blob" },
  List: { type: "list", member: { shape: "Text" } },
  Map: { type: "map", key: { shape: "Text", locationName: "K" }, value: { shape: "Number" } },
};
const model: ServiceModel = { metadata: { apiVersion: "", protocol: "rest-xml" }, operations: {}, shapes };

// Any text at all, control characters too.
const text = fc.string({ unit: "binary" });
const root = fc.letrec((tie) => ({
  any: fc.record(
    {
      Text: text,
      Attribute: fc.string(),
      Number: fc.double({ noNaN: true }),
      Flag: fc.boolean(),
      Time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }),
      Bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      List: fc.array(text),
      Flat: fc.array(text, { minLength: 1 }),
      Map: fc.dictionary(text, fc.double({ noNaN: true })),
      FlatMap: fc.dictionary(text, fc.double({ noNaN: true }), { minKeys: 1 }),
      Inner: fc.option(tie("any"), { nil: undefined, depthSize: "small" }),
    },
    { requiredKeys: [] },
  ),
})).any;

test("what is written is read back", () => {
  fc.assert(
    fc.property(root, (given) => {
      const written = xmlEncoder(model, { shape: "Root" })(given, "Root");
      expect(shown(xmlDecoder(model, { shape: "Root" })(parseXml(written)))).toEqual(shown(given));
    }),
  );
});

test.each([
  ["a document type", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
  ["an entity of nobody's", "<Root><Text>&bomb;</Text></Root>"],
  ["an element that does not end", "<Root><Text>"],
  ["no element", "hello"],
  ["two roots", "<Root/><Root/>"],
  ["a character that is none", "<Root><Text>&#x110000;</Text></Root>"],
])("%s is refused", (_name, document) => {
  const read = () => xmlDecoder(model, { shape: "Root" })(parseXml(document));
  expect(read).toThrow(expect.objectContaining({ code: "MalformedXML" }));
});

test("comments, CDATA, declarations and prefixes are as nothing", () => {
  const document =
    '<?xml version="1.0"?><s:Root xmlns:s="urn:s"><!-- hi --><s:Text>a&amp;<![CDATA[<&amp;>]]></s:Text></s:Root>';
  expect(xmlDecoder(model, { shape: "Root" })(parseXml(document))).toEqual({ Text: "a&<&amp;>" });
});

/** -0 and 0 are one number in text. */
function shown(given: unknown): unknown {
  return JSON.parse(JSON.stringify(given));
}
