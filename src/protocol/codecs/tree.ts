import { isRecord } from "#core";
import { requireRef, type ServiceModel, type ShapeModel, type ShapeRef } from "../model.ts";
import { compileOnce, put } from "./compile.ts";

export type Convert = (value: unknown) => unknown;
/** The converter of a shape that holds no other. */
export type Leaf = (ref: ShapeRef, shape: ShapeModel) => Convert;
type Compiled = (model: ServiceModel, ref: ShapeRef) => Convert;
type Refuse = (value: unknown, wanted: string) => never;

/** For codecs whose wire form is already a tree of maps and lists: JSON, CBOR. Unknown members are dropped. */
export function treeDecoder(leaf: Leaf, refuse: Refuse): Compiled {
  const decoder: Compiled = compileOnce<Convert>((model, ref, shape) => {
    switch (shape.type) {
      case "structure":
        return shape.document ? asIs : structure(model, shape);
      case "list":
        return list(decoder(model, requireRef(shape.member)));
      case "map":
        return map(decoder(model, requireRef(shape.value)));
      default:
        return leaf(ref, shape);
    }
  });
  return decoder;

  function structure(model: ServiceModel, shape: ShapeModel): Convert {
    const members = new Map<string, { readonly name: string; readonly decode: Convert }>();
    for (const [name, ref] of Object.entries(shape.members ?? {})) {
      // What belongs into the path, the query or a header is not taken from the body: it would pass by the route.
      if (!ref.location) members.set(ref.locationName ?? name, { name, decode: decoder(model, ref) });
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

  function list(decode: Convert): Convert {
    return (value) => {
      if (!Array.isArray(value)) return refuse(value, "a List");
      return value.map((item: unknown) => (item === null ? null : decode(item)));
    };
  }

  function map(decode: Convert): Convert {
    return (value) => {
      if (!isRecord(value)) return refuse(value, "a Map");
      const result: Record<string, unknown> = {};
      for (const key of Object.keys(value)) put(result, key, value[key] === null ? null : decode(value[key]));
      return result;
    };
  }
}

/** From our values to a tree. Members that are undefined or null are left out, unknown ones too. */
export function treeEncoder(leaf: Leaf): Compiled {
  const encoder: Compiled = compileOnce<Convert>((model, ref, shape) => {
    switch (shape.type) {
      case "structure":
        return shape.document ? asIs : structure(model, shape);
      case "list": {
        const encode = encoder(model, requireRef(shape.member));
        return (value) => Array.from(value as Iterable<unknown>, (item) => (item === null ? null : encode(item)));
      }
      case "map":
        return map(encoder(model, requireRef(shape.value)));
      default:
        return leaf(ref, shape);
    }
  });
  return encoder;

  function structure(model: ServiceModel, shape: ShapeModel): Convert {
    const inBody = Object.entries(shape.members ?? {}).filter(([, ref]) => !ref.location);
    const members = inBody.map(([name, ref]) => ({
      name,
      wire: ref.locationName ?? name,
      encode: encoder(model, ref),
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

  function map(encode: Convert): Convert {
    return (value) => {
      const source = value as Record<string, unknown>;
      const result: Record<string, unknown> = {};
      for (const key of Object.keys(source)) {
        if (source[key] !== undefined) put(result, key, source[key] === null ? null : encode(source[key]));
      }
      return result;
    };
  }
}

export function asIs(value: unknown): unknown {
  return value;
}
