import { XMLParser } from "fast-xml-parser";
import { fault } from "../fault.ts";
import { requireRef, type ServiceModel, type ShapeModel, type ShapeRef } from "../model.ts";
import { compileOnce, put } from "./compile.ts";
import { textReader } from "./scalar.ts";

/** An element as the parser gives it: text, or its parts by name. */
type Node = string | { readonly [name: string]: unknown };
type FromXml = (node: Node) => unknown;

const MALFORMED = "MalformedXML";

/** From the root element to our values. */
export const xmlDecoder = compileOnce<FromXml>(build);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Entities are decoded below: the five of XML and character references, nothing that a document defines.
  processEntities: false,
  cdataPropName: "#cdata",
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 64,
});

/** The root element, whatever it is called. */
export function parseXml(text: string): Node {
  if (text.includes("<!DOCTYPE") || text.includes("<!ENTITY")) throw malformedXml();
  let document: Record<string, unknown>;
  try {
    document = parser.parse(text, true) as Record<string, unknown>;
  } catch {
    throw malformedXml();
  }
  const root = Object.entries(document).find(([name]) => name !== "#text");
  if (!root || Array.isArray(root[1])) throw malformedXml();
  return root[1] as Node;
}

function malformedXml() {
  return fault(MALFORMED, "The XML you provided was not well-formed or did not validate against our published schema");
}

function build(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): FromXml {
  switch (shape.type) {
    case "structure":
      return structureReader(model, shape);
    case "list":
      return listReader(model, ref, shape);
    case "map":
      return mapReader(model, ref, shape);
    default: {
      const read = textReader(model, ref, MALFORMED);
      return (node) => read(textOf(node));
    }
  }
}

function structureReader(model: ServiceModel, shape: ShapeModel): FromXml {
  // What belongs into the path, the query or a header is not taken from the body: it would pass by the route.
  const inBody = Object.entries(shape.members ?? {}).filter(([, ref]) => !ref.location);
  const members = inBody.map(([name, ref]) => {
    const target = model.shapes[ref.shape];
    const wire = ref.locationName ?? name;
    const flat = (ref.flattened ?? target?.flattened) === true;
    return {
      name,
      key: (ref.xmlAttribute ? "@" : "") + localName(wire),
      decode: xmlDecoder(model, ref),
      flat,
    };
  });
  return (node) => {
    const result: Record<string, unknown> = {};
    if (typeof node === "string") return result;
    for (const { name, key, decode, flat } of members) {
      const found = node[key];
      if (found === undefined) continue;
      result[name] = decode((flat || !Array.isArray(found) ? found : found[0]) as Node);
    }
    return result;
  };
}

function listReader(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): FromXml {
  const member = requireRef(shape.member);
  const decode = xmlDecoder(model, member);
  const flat = ref.flattened ?? shape.flattened;
  const name = localName(member.locationName ?? "member");
  return (node) => {
    const items: unknown = flat ? node : typeof node === "string" ? undefined : node[name];
    return toArray(items).map(decode);
  };
}

function mapReader(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): FromXml {
  const key = requireRef(shape.key);
  const value = requireRef(shape.value);
  const readKey = xmlDecoder(model, key);
  const readValue = xmlDecoder(model, value);
  const keyName = localName(key.locationName ?? "key");
  const valueName = localName(value.locationName ?? "value");
  const flat = ref.flattened ?? shape.flattened;
  return (node) => {
    const entries = flat ? node : typeof node === "string" ? undefined : node["entry"];
    const result: Record<string, unknown> = {};
    for (const entry of toArray(entries)) {
      if (typeof entry === "string" || entry[keyName] === undefined) continue;
      put(result, String(readKey(entry[keyName] as Node)), readValue((entry[valueName] ?? "") as Node));
    }
    return result;
  };
}

function toArray(items: unknown): Node[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as Node[]) : [items as Node];
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function textOf(node: Node): string {
  if (typeof node === "string") return decodeEntities(node);
  const cdata = node["#cdata"];
  return decodeEntities(String(node["#text"] ?? "")) + (cdata === undefined ? "" : toArray(cdata).join(""));
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
    (_whole, hex?: string, decimal?: string, name?: string) => {
      if (name) {
        const known = NAMED[name];
        if (known === undefined) throw malformedXml();
        return known;
      }
      const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
      if (code > 0x10ffff) throw malformedXml();
      return String.fromCodePoint(code);
    },
  );
}
