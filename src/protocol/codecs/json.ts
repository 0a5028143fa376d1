import { isRecord } from "#core";
import { fault } from "../fault.ts";
import { requireRef, type ServiceModel, type ShapeModel, type ShapeRef } from "../model.ts";
import { decodeBase64, encodeBase64 } from "./blob.ts";
import { compileOnce, put } from "./compile.ts";
import { readTimestamp } from "./scalar.ts";
import { normalize, formatTimestamp } from "./timestamp.ts";

export type Convert = (value: unknown) => unknown;

/** From what JSON.parse gives to our values; members that the model does not know are dropped. */
export const jsonDecoder = compileOnce<Convert>(buildDecoder);
/** From our values to what JSON.stringify takes. */
export const jsonEncoder = compileOnce<Convert>(buildEncoder);

export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault("SerializationException", "Unable to parse the request body: it is not JSON.");
  }
}

function buildDecoder(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): Convert {
  switch (shape.type) {
    case "structure":
      return shape.document ? asIs : structureDecoder(model, shape);
    case "list":
      return listDecoder(jsonDecoder(model, requireRef(shape.member)));
    case "map":
      return mapDecoder(jsonDecoder(model, requireRef(shape.value)));
    case "timestamp":
      return (value) => readTimestamp(value, "SerializationException");
    case "blob":
      return (value) => (typeof value === "string" ? decodeBase64(value) : refuse(value, "a Blob"));
    case "string":
      return ref.jsonvalue ? jsonValueDecoder : stringDecoder;
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : refuse(value, "a Boolean"));
    default:
      return numberDecoder(shape.type);
  }
}

function structureDecoder(model: ServiceModel, shape: ShapeModel): Convert {
  const members = new Map<string, { readonly name: string; readonly decode: Convert }>();
  for (const [name, ref] of Object.entries(shape.members ?? {})) {
    members.set(ref.locationName ?? name, { name, decode: jsonDecoder(model, ref) });
  }
  return (value) => {
    if (!isRecord(value)) return refuse(value, "a Structure");
    const result: Record<string, unknown> = {};
    for (const wire in value) {
      const member = members.get(wire);
      const inner = value[wire];
      if (member && inner !== null && inner !== undefined) result[member.name] = member.decode(inner);
    }
    return result;
  };
}

function listDecoder(decode: Convert): Convert {
  return (value) => {
    if (!Array.isArray(value)) return refuse(value, "a List");
    return value.map((item: unknown) => (item === null ? null : decode(item)));
  };
}

function mapDecoder(decode: Convert): Convert {
  return (value) => {
    if (!isRecord(value)) return refuse(value, "a Map");
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) put(result, key, value[key] === null ? null : decode(value[key]));
    return result;
  };
}

function numberDecoder(type: string): Convert {
  const named = { integer: "an Integer", long: "a Long", float: "a Float", double: "a Double" }[type] ?? `a ${type}`;
  const whole = type !== "float" && type !== "double";
  return (value) => {
    if (typeof value === "number") return whole ? Math.trunc(value) : value;
    if (!whole && (value === "NaN" || value === "Infinity" || value === "-Infinity")) return Number(value);
    return refuse(value, named);
  };
}

function stringDecoder(value: unknown): unknown {
  return typeof value === "string" ? value : refuse(value, "a String");
}

function jsonValueDecoder(value: unknown): unknown {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function asIs(value: unknown): unknown {
  return value;
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

function buildEncoder(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): Convert {
  switch (shape.type) {
    case "structure":
      return shape.document ? asIs : structureEncoder(model, shape);
    case "list": {
      const encode = jsonEncoder(model, requireRef(shape.member));
      return (value) => Array.from(value as Iterable<unknown>, (item) => (item === null ? null : encode(item)));
    }
    case "map":
      return mapEncoder(jsonEncoder(model, requireRef(shape.value)));
    case "timestamp":
      return timestampEncoder(ref.timestampFormat ?? shape.timestampFormat ?? "unixTimestamp");
    case "blob":
      return encodeBase64;
    case "float":
    case "double":
      return (value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
    default:
      return asIs;
  }
}

function structureEncoder(model: ServiceModel, shape: ShapeModel): Convert {
  const members = Object.entries(shape.members ?? {}).map(([name, ref]) => ({
    name,
    wire: ref.locationName ?? name,
    encode: jsonEncoder(model, ref),
  }));
  return (value) => {
    const source = value as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const { name, wire, encode } of members) {
      const inner = source[name];
      if (inner !== undefined && inner !== null) result[wire] = encode(inner);
    }
    return result;
  };
}

function mapEncoder(encode: Convert): Convert {
  return (value) => {
    const source = value as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(source)) {
      if (source[key] !== undefined) put(result, key, source[key] === null ? null : encode(source[key]));
    }
    return result;
  };
}

function timestampEncoder(format: string): Convert {
  if (normalize(format) !== "unixTimestamp") return (value) => formatTimestamp(value, format);
  return (value) => (value instanceof Date ? value : new Date(value as string | number)).getTime() / 1000;
}
