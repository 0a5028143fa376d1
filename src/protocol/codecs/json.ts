import { fault } from "../fault.ts";
import type { ShapeModel, ShapeRef } from "../model.ts";
import { decodeBase64, encodeBase64 } from "./blob.ts";
import { readTimestamp } from "./scalar.ts";
import { formatTimestamp, normalize } from "./timestamp.ts";
import { asIs, type Convert, treeDecoder, treeEncoder } from "./tree.ts";

/** From what JSON.parse gives to our values. */
export const jsonDecoder = treeDecoder(decodeLeaf, refuse);
/** From our values to what JSON.stringify takes. */
export const jsonEncoder = treeEncoder(encodeLeaf);

export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault("SerializationException", "Unable to parse the request body: it is not JSON.");
  }
}

function decodeLeaf(ref: ShapeRef, shape: ShapeModel): Convert {
  switch (shape.type) {
    case "timestamp":
      return (value) => readTimestamp(value, "SerializationException");
    case "blob":
      return (value) => (typeof value === "string" ? decodeBase64(value) : refuse(value, "a Blob"));
    case "string":
      return ref.jsonvalue ? decodeJsonValue : decodeString;
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : refuse(value, "a Boolean"));
    default:
      return decodeNumber(shape.type);
  }
}

function decodeNumber(type: string): Convert {
  const named = { integer: "an Integer", long: "a Long", float: "a Float", double: "a Double" }[type] ?? `a ${type}`;
  const whole = type !== "float" && type !== "double";
  return (value) => {
    if (typeof value === "number") return whole ? Math.trunc(value) : value;
    if (!whole && (value === "NaN" || value === "Infinity" || value === "-Infinity")) return Number(value);
    return refuse(value, named);
  };
}

function decodeString(value: unknown): unknown {
  return typeof value === "string" ? value : refuse(value, "a String");
}

function decodeJsonValue(value: unknown): unknown {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** AWS: `NUMBER_VALUE can not be converted to a String`, as its JSON services answer. */
function refuse(value: unknown, wanted: string): never {
  throw fault("SerializationException", `${kindOf(value)} can not be converted to ${wanted}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "START_ARRAY";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  if (typeof value === "number") return Number.isInteger(value) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
  return typeof value === "string" ? "STRING_VALUE" : "START_OBJECT";
}

function encodeLeaf(ref: ShapeRef, shape: ShapeModel): Convert {
  switch (shape.type) {
    case "timestamp":
      return encodeTimestamp(ref.timestampFormat ?? shape.timestampFormat ?? "unixTimestamp");
    case "blob":
      return encodeBase64;
    case "float":
    case "double":
      return (value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
    default:
      return asIs;
  }
}

function encodeTimestamp(format: string): Convert {
  if (normalize(format) !== "unixTimestamp") return (value) => formatTimestamp(value, format);
  return (value) => (value instanceof Date ? value : new Date(value as string | number)).getTime() / 1000;
}
