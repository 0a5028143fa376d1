import { fault } from "../fault.ts";
import { requireShape, type ServiceModel, type ShapeRef } from "../model.ts";
import { decodeBase64, encodeBase64 } from "./blob.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";

export type ReadText = (text: string) => unknown;
export type WriteText = (value: unknown) => string;

/** How a value that is text on the wire (XML, query, label, header) becomes one of ours. */
export function textReader(model: ServiceModel, ref: ShapeRef, malformed: string): ReadText {
  const { type } = requireShape(model, ref.shape);
  switch (type) {
    case "boolean":
      return (text) => readBoolean(text, malformed);
    case "integer":
    case "long":
    case "short":
    case "byte":
      return (text) => readInteger(text, malformed);
    case "float":
    case "double":
      return (text) => readFloat(text, malformed);
    case "timestamp":
      return (text) => readTimestamp(text, malformed);
    case "blob":
      return decodeBase64;
    default:
      return (text) => text;
  }
}

/** `format` is the form of timestamps at this place when the model does not say. */
export function textWriter(model: ServiceModel, ref: ShapeRef, format: string): WriteText {
  const shape = requireShape(model, ref.shape);
  switch (shape.type) {
    case "timestamp": {
      const said = ref.timestampFormat ?? shape.timestampFormat ?? format;
      return (value) => formatTimestamp(value, said);
    }
    case "blob":
      return encodeBase64;
    case "boolean":
      return (value) => (value ? "true" : "false");
    default:
      return String;
  }
}

export function readTimestamp(raw: unknown, malformed: string): Date {
  const date = parseTimestamp(raw);
  if (!date) throw fault(malformed, `Invalid timestamp: ${String(raw)}`);
  return date;
}

function readBoolean(text: string, malformed: string): boolean {
  const lower = text.toLowerCase();
  if (lower === "true") return true;
  if (lower === "false") return false;
  throw fault(malformed, `Invalid boolean: ${text}`);
}

function readInteger(text: string, malformed: string): number {
  if (!/^[-+]?\d+$/.test(text)) throw fault(malformed, `Invalid integer: ${text}`);
  return Number(text);
}

function readFloat(text: string, malformed: string): number {
  const value = Number(text);
  if (text.trim() === "" || (Number.isNaN(value) && text !== "NaN")) throw fault(malformed, `Invalid number: ${text}`);
  return value;
}
