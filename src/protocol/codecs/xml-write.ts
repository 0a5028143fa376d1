import { requireRef, type ServiceModel, type ShapeModel, type ShapeRef, type XmlNamespace } from "../model.ts";
import { compileOnce } from "./compile.ts";
import { textWriter, type WriteText } from "./scalar.ts";

export type ToXml = (value: unknown, name: string) => string;

/** From our values to an element of the given name (to several, for a flattened list or map). */
export const xmlEncoder = compileOnce<ToXml>(build);

export function element(name: string, content: string, attributes = ""): string {
  return content === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

export function namespaceAttribute(namespace: string | XmlNamespace | undefined): string {
  if (!namespace) return "";
  if (typeof namespace === "string") return ` xmlns="${escapeXml(namespace)}"`;
  return ` xmlns${namespace.prefix ? `:${namespace.prefix}` : ""}="${escapeXml(namespace.uri)}"`;
}

// Control characters are no XML 1.0 at all; AWS: S3 writes them as references, as it does a carriage return.
// oxlint-disable-next-line no-control-regex
const SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f\u0085\u2028]/;
// oxlint-disable-next-line no-control-regex
const EVERY_SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f\u0085\u2028]/g;
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(EVERY_SPECIAL, (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`);
}

function build(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): ToXml {
  const attributes = namespaceAttribute(ref.xmlNamespace ?? shape.xmlNamespace);
  switch (shape.type) {
    case "structure":
      return structureWriter(model, shape, attributes);
    case "list":
      return listWriter(model, ref, shape, attributes);
    case "map":
      return mapWriter(model, ref, shape, attributes);
    default: {
      const write = textWriter(model, ref, "iso8601");
      return (value, name) => element(name, escapeXml(write(value)), attributes);
    }
  }
}

interface Attribute {
  readonly name: string;
  readonly wire: string;
  readonly write: WriteText;
}

interface Child {
  readonly name: string;
  readonly wire: string;
  readonly write: ToXml;
}

function structureWriter(model: ServiceModel, shape: ShapeModel, fixed: string): ToXml {
  const attributes: Attribute[] = [];
  const children: Child[] = [];
  for (const [name, ref] of Object.entries(shape.members ?? {})) {
    if (ref.xmlAttribute) {
      attributes.push({ name, wire: ref.locationName ?? name, write: textWriter(model, ref, "iso8601") });
    } else if (!ref.location) {
      children.push({ name, wire: ref.locationName ?? name, write: xmlEncoder(model, ref) });
    }
  }
  return (value, name) => {
    const source = value as Record<string, unknown>;
    let head = fixed;
    for (const attribute of attributes) {
      const inner = source[attribute.name];
      if (inner !== undefined && inner !== null) head += ` ${attribute.wire}="${escapeXml(attribute.write(inner))}"`;
    }
    let content = "";
    for (const child of children) {
      const inner = source[child.name];
      if (inner !== undefined && inner !== null) content += child.write(inner, child.wire);
    }
    return element(name, content, head);
  };
}

function listWriter(model: ServiceModel, ref: ShapeRef, shape: ShapeModel, attributes: string): ToXml {
  const member = requireRef(shape.member);
  const write = xmlEncoder(model, member);
  if (ref.flattened ?? shape.flattened) return (value, name) => joined(value, (item) => write(item, name));
  const itemName = member.locationName ?? "member";
  return (value, name) =>
    element(
      name,
      joined(value, (item) => write(item, itemName)),
      attributes,
    );
}

function joined(items: unknown, write: (item: unknown) => string): string {
  let text = "";
  for (const item of items as Iterable<unknown>) if (item !== undefined && item !== null) text += write(item);
  return text;
}

function mapWriter(model: ServiceModel, ref: ShapeRef, shape: ShapeModel, attributes: string): ToXml {
  const key = requireRef(shape.key);
  const value = requireRef(shape.value);
  const writeKey = xmlEncoder(model, key);
  const writeValue = xmlEncoder(model, value);
  const flat = ref.flattened ?? shape.flattened;
  return (source, name) => {
    let text = "";
    for (const [entryKey, entryValue] of Object.entries(source as Record<string, unknown>)) {
      if (entryValue === undefined || entryValue === null) continue;
      const content =
        writeKey(entryKey, key.locationName ?? "key") + writeValue(entryValue, value.locationName ?? "value");
      text += element(flat ? name : "entry", content);
    }
    return flat ? text : element(name, text, attributes);
  };
}
