import { readdirSync, readFileSync } from "node:fs";
import type { OperationModel, ServiceModel, ShapeModel, ShapeRef } from "#protocol";

/** One of AWS's protocol test cases, with the model that it is told in. */
export interface ProtocolCase {
  readonly file: string;
  readonly id: string;
  readonly model: ServiceModel;
  readonly operation: OperationModel;
  readonly params: Record<string, unknown> | undefined;
  readonly serialized: SerializedRequest | undefined;
  readonly result: Record<string, unknown> | undefined;
  readonly error: Record<string, unknown> | undefined;
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  readonly response: SerializedResponse | undefined;
}

interface SerializedRequest {
  readonly method: string;
  readonly uri: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface SerializedResponse {
  readonly status_code: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Suite {
  readonly metadata: ServiceModel["metadata"];
  readonly shapes: ServiceModel["shapes"];
  readonly cases: readonly (Omit<ProtocolCase, "file" | "model" | "operation"> & { readonly given: OperationModel })[];
}

const FOLDER = new URL("cases/", import.meta.url);

export function loadCases(direction: "input" | "output"): ProtocolCase[] {
  const folder = new URL(`${direction}/`, FOLDER);
  return readdirSync(folder).flatMap((file) => {
    const suites = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Suite[];
    return suites.flatMap((suite) => suite.cases.map((given) => toCase(file.replace(".json", ""), suite, given)));
  });
}

function toCase(file: string, suite: Suite, { given, ...rest }: Suite["cases"][number]): ProtocolCase {
  const model: ServiceModel = { metadata: suite.metadata, operations: { [given.name]: given }, shapes: suite.shapes };
  return { ...rest, file, model, operation: given };
}

/**
 * The cases tell values as JSON: blobs as text, timestamps as numbers, odd floats as text.
 * `toOurs` makes them what handlers see and give; `toTheirs` goes the other way, to compare.
 */
export function toOurs(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  return walk(model, ref, value, (shape, leaf) => {
    if (shape.type === "blob") return Buffer.from(String(leaf));
    if (shape.type === "timestamp") return new Date(Number(leaf) * 1000);
    return shape.type === "float" || shape.type === "double" ? Number(leaf) : leaf;
  });
}

export function toTheirs(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  return walk(model, ref, value, (shape, leaf) => {
    if (leaf instanceof Uint8Array) return Buffer.from(leaf).toString("utf8");
    if (leaf instanceof Date) return leaf.getTime() / 1000;
    return shape.type.match(/float|double/) && typeof leaf === "number" && !Number.isFinite(leaf) ? String(leaf) : leaf;
  });
}

function walk(
  model: ServiceModel,
  ref: ShapeRef,
  value: unknown,
  leaf: (shape: ShapeModel, value: unknown) => unknown,
): unknown {
  const shape = model.shapes[ref.shape];
  if (!shape) throw new Error(`no shape ${ref.shape}`);
  if (value === null || value === undefined || shape.document) return value;
  const entries = (inner: (name: string) => ShapeRef | undefined) =>
    Object.fromEntries(
      Object.entries(value as object).map(([name, item]) => {
        const member = inner(name);
        return [name, member ? walk(model, member, item, leaf) : item];
      }),
    );
  if (shape.type === "structure") return entries((name) => shape.members?.[name]);
  if (shape.type === "map") return entries(() => shape.value);
  const { member } = shape;
  if (shape.type === "list" && member) return (value as unknown[]).map((item) => walk(model, member, item, leaf));
  return leaf(shape, value);
}
