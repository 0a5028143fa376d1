import { AwsFault, fault } from "../fault.ts";
import type { ServiceModel, ShapeModel, ShapeRef } from "../model.ts";
import { decodeCbor, encodeCbor } from "./cbor-bytes.ts";
import { readTimestamp } from "./scalar.ts";
import { asIs, type Convert, treeDecoder, treeEncoder } from "./tree.ts";

const decoder = treeDecoder(decodeLeaf, refuse);
const encoder = treeEncoder(encodeLeaf);

export function fromCbor(model: ServiceModel, ref: ShapeRef, bytes: Uint8Array): unknown {
  let tree: unknown;
  try {
    tree = decodeCbor(bytes);
  } catch (error) {
    if (error instanceof AwsFault || !(error instanceof RangeError)) throw error;
    throw fault("SerializationException", `The body is not CBOR: ${error.message}`);
  }
  return decoder(model, ref)(tree);
}

export function toCbor(model: ServiceModel, ref: ShapeRef, value: unknown): Buffer {
  return encodeCbor(encoder(model, ref)(value));
}

function decodeLeaf(_ref: ShapeRef, shape: ShapeModel): Convert {
  switch (shape.type) {
    case "timestamp":
      return (value) => (value instanceof Date ? value : readTimestamp(value, "SerializationException"));
    case "blob":
      return (value) => (value instanceof Uint8Array ? value : refuse(value, "a Blob"));
    case "string":
      return (value) => (typeof value === "string" ? value : refuse(value, "a String"));
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : refuse(value, "a Boolean"));
    default:
      return (value) =>
        typeof value === "number" || typeof value === "bigint" ? value : refuse(value, `a ${shape.type}`);
  }
}

function encodeLeaf(_ref: ShapeRef, shape: ShapeModel): Convert {
  switch (shape.type) {
    case "timestamp":
      return (value) => (value instanceof Date ? value : new Date(value as string | number));
    case "blob":
      return (value) => (typeof value === "string" ? Buffer.from(value) : value);
    default:
      return asIs;
  }
}

function refuse(value: unknown, wanted: string): never {
  throw fault(
    "SerializationException",
    `${Array.isArray(value) ? "list" : typeof value} can not be converted to ${wanted}`,
  );
}
