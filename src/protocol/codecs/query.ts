import { fault } from "../fault.ts";
import { requireRef, type ServiceModel, type ShapeModel, type ShapeRef } from "../model.ts";
import { compileOnce, put } from "./compile.ts";
import { textReader } from "./scalar.ts";

/** `a.b.1=x` as a tree: what stands at a name, and what stands below it. */
export interface FormNode {
  text?: string;
  readonly below: Map<string, FormNode>;
}

type FromForm = (node: FormNode) => unknown;

const MALFORMED = "MalformedInput";
const DEEPEST = 40;

type Compiled = (model: ServiceModel, ref: ShapeRef) => FromForm;

/** How a variant of the protocol names members, and whether its lists are always flat. */
interface Flavour {
  readonly flat: boolean;
  wireName(name: string, ref: ShapeRef): string;
}

/** From a form's tree to our values. */
export const queryDecoder = decoderOf({ flat: false, wireName: (name, ref) => ref.locationName ?? name });

/** AWS: EC2's variant has flat lists only, and on the way in a location name begins with a capital. Smithy, "AWS EC2 query protocol". */
export const ec2Decoder = decoderOf({
  flat: true,
  wireName: (name, { queryName, locationName = name }) =>
    queryName ?? locationName.charAt(0).toUpperCase() + locationName.slice(1),
});

export function parseForm(text: string): FormNode {
  const root = newNode();
  if (text === "") return root;
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodeFormText(equals < 0 ? pair : pair.slice(0, equals));
    const steps = name.split(".");
    if (steps.length > DEEPEST) throw fault(MALFORMED, "A parameter's name is nested too deeply.");
    let node = root;
    for (const step of steps) {
      let next = node.below.get(step);
      if (!next) node.below.set(step, (next = newNode()));
      node = next;
    }
    node.text = equals < 0 ? "" : decodeFormText(pair.slice(equals + 1));
  }
  return root;
}

export function decodeFormText(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw fault(MALFORMED, "A parameter is not well percent-encoded.");
  }
}

function newNode(): FormNode {
  return { below: new Map() };
}

function decoderOf(flavour: Flavour): Compiled {
  const decoder: Compiled = compileOnce<FromForm>((model, ref, shape) => {
    switch (shape.type) {
      case "structure":
        return structureReader(model, shape, { ...flavour, decoder });
      case "list":
        return listReader(model, ref, shape, { ...flavour, decoder });
      case "map":
        return mapReader(model, ref, shape, { ...flavour, decoder });
      default: {
        const read = textReader(model, ref, MALFORMED);
        return (node) => read(node.text ?? "");
      }
    }
  });
  return decoder;
}

type With = Flavour & { readonly decoder: Compiled };

function structureReader(model: ServiceModel, shape: ShapeModel, { wireName, decoder }: With): FromForm {
  const members = Object.entries(shape.members ?? {}).map(([name, ref]) => {
    return { name, wire: wireName(name, ref), decode: decoder(model, ref) };
  });
  return (node) => {
    const result: Record<string, unknown> = {};
    for (const { name, wire, decode } of members) {
      const found = node.below.get(wire);
      if (found) result[name] = decode(found);
    }
    return result;
  };
}

function listReader(model: ServiceModel, ref: ShapeRef, shape: ShapeModel, { flat, decoder }: With): FromForm {
  const member = requireRef(shape.member);
  const decode = decoder(model, member);
  const flattened = flat || (ref.flattened ?? shape.flattened);
  const name = member.locationName ?? "member";
  // `Names=` is how clients send an empty list: nothing stands below it.
  return (node) => numbered(flattened ? node : (node.below.get(name) ?? node.below.get("member"))).map(decode);
}

function mapReader(model: ServiceModel, ref: ShapeRef, shape: ShapeModel, { decoder }: With): FromForm {
  const key = requireRef(shape.key);
  const value = requireRef(shape.value);
  const readKey = decoder(model, key);
  const readValue = decoder(model, value);
  const flat = ref.flattened ?? shape.flattened;
  return (node) => {
    const result: Record<string, unknown> = {};
    for (const entry of numbered(flat ? node : node.below.get("entry"))) {
      const keyNode = entry.below.get(key.locationName ?? "key");
      const valueNode = entry.below.get(value.locationName ?? "value");
      if (keyNode && valueNode) put(result, String(readKey(keyNode)), readValue(valueNode));
    }
    return result;
  };
}

/** `1`, `2`, `10`: in the order of the numbers, gaps closed. */
function numbered(node: FormNode | undefined): FormNode[] {
  if (!node) return [];
  const found: [number, FormNode][] = [];
  for (const [name, child] of node.below) if (/^\d+$/.test(name)) found.push([Number(name), child]);
  return found.sort(([a], [b]) => a - b).map(([, child]) => child);
}
