import { requireShape, type ServiceModel, type ShapeModel, type ShapeRef } from "../model.ts";

type Build<T> = (model: ServiceModel, ref: ShapeRef, shape: ShapeModel) => T;
type Callable = (...args: never[]) => unknown;

/**
 * Walks a model once: each shape's converter is built on first use and kept with the model. Shapes may hold themselves,
 * so a converter that is still being built is handed out as a function that looks it up when it runs.
 */
export function compileOnce<T extends Callable>(build: Build<T>): (model: ServiceModel, ref: ShapeRef) => T {
  const models = new WeakMap<ServiceModel, Map<string, T | undefined>>();
  return (model, ref) => {
    let compiled = models.get(model);
    if (!compiled) models.set(model, (compiled = new Map()));
    const kept = compiled;
    const key = keyOf(ref);
    const known = kept.get(key);
    if (known) return known;
    if (kept.has(key)) return ((...args: Parameters<T>) => kept.get(key)?.(...args)) as T;
    kept.set(key, undefined);
    const result = build(model, ref, requireShape(model, ref.shape));
    kept.set(key, result);
    return result;
  };
}

/** The same shape is written otherwise where its use says so. */
function keyOf(ref: ShapeRef): string {
  const { shape, timestampFormat, flattened, locationName, xmlNamespace, jsonvalue } = ref;
  if (!timestampFormat && !flattened && !locationName && !xmlNamespace && !jsonvalue) return shape;
  return `${shape} ${timestampFormat ?? ""} ${flattened ?? ""} ${locationName ?? ""} ${JSON.stringify(xmlNamespace ?? "")} ${jsonvalue ?? ""}`;
}

/** `__proto__` is a key like any other. */
export function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
