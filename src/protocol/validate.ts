import { compileOnce } from "./codecs/compile.ts";
import { type AwsFault, fault } from "./fault.ts";
import { requireRef, type ServiceModel, type ShapeModel, type ShapeRef } from "./model.ts";
import { compilePattern } from "./pattern.ts";
import { planOf } from "./plan.ts";
import type { At, Members } from "./wire.ts";

type Report = (problem: string) => void;
type Check = (value: unknown, path: string, report: Report) => void;

/** Throws AWS's own fault for the constraints of the model: required, length, range, pattern, enum. */
export function validate(at: At, input: Members): void {
  if (at.quirks.validation?.style === "none") return;
  const plan = planOf(at.model, at.operation).input;
  if (!plan) return;
  const problems: string[] = [];
  const skipped = at.quirks.validation?.skip;
  checker(at.model, plan.ref)(input, "", (problem) => {
    if (!skipped?.some((place) => problem.includes(` at '${place}' `))) problems.push(problem);
  });
  if (problems.length > 0) throw invalid(at, problems);
}

function invalid(at: At, problems: readonly string[]): AwsFault {
  const count = `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected: `;
  const code =
    at.quirks.validation?.code ?? (at.model.metadata.protocol === "query" ? "ValidationError" : "ValidationException");
  return fault(code, count + problems.join("; "), { status: 400 });
}

const checker = compileOnce<Check>(build);

function build(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): Check {
  switch (shape.type) {
    case "structure":
      return structureCheck(model, shape);
    case "list":
      return listCheck(model, ref, shape);
    case "map":
      return mapCheck(model, shape);
    default:
      return scalarCheck(shape);
  }
}

function structureCheck(model: ServiceModel, shape: ShapeModel): Check {
  const required = new Set(shape.required);
  const members = Object.entries(shape.members ?? {})
    .filter(([, member]) => !member.streaming)
    .map(([name, member]) => ({
      name,
      // AWS: paths have the first letter of each member in lower case, whatever the rest.
      step: name.charAt(0).toLowerCase() + name.slice(1),
      required: required.has(name),
      check: checker(model, member),
    }));
  return (value, path, report) => {
    if (typeof value !== "object" || value === null) return;
    const source = value as Members;
    for (const member of members) {
      const inner = source[member.name];
      const place = path === "" ? member.step : `${path}.${member.step}`;
      if (inner !== undefined && inner !== null) member.check(inner, place, report);
      else if (member.required)
        report(`Value null at '${place}' failed to satisfy constraint: Member must not be null`);
    }
  };
}

function listCheck(model: ServiceModel, _ref: ShapeRef, shape: ShapeModel): Check {
  const member = requireRef(shape.member);
  const inner = model.shapes[member.shape];
  const length = lengthCheck(shape);
  if (!inner) return length;
  if (isScalar(inner)) {
    const constraints = constraintsOf(inner);
    const check = scalarCheck(inner);
    return (value, path, report) => {
      length(value, path, report);
      if (breaks(value as Iterable<unknown>, check))
        report(said(value, path, `Member must satisfy constraint: ${constraints}`, shape));
    };
  }
  const check = checker(model, member);
  return (value, path, report) => {
    length(value, path, report);
    (value as readonly unknown[]).forEach((item, i) => {
      const place = `${path}.${i + 1}.member`;
      if (item === null || item === undefined) {
        report(`Value null at '${place}' failed to satisfy constraint: Member must not be null`);
      } else check(item, place, report);
    });
  };
}

function mapCheck(model: ServiceModel, shape: ShapeModel): Check {
  const key = model.shapes[requireRef(shape.key).shape];
  const inner = model.shapes[requireRef(shape.value).shape];
  const length = lengthCheck(shape);
  const keyCheck = key && scalarCheck(key);
  const scalar = inner && isScalar(inner) ? scalarCheck(inner) : undefined;
  const nested = scalar ? undefined : checker(model, requireRef(shape.value));
  return (value, path, report) => {
    const map = value as Members;
    length(value, path, report);
    if (key && keyCheck && breaks(Object.keys(map), keyCheck)) {
      report(said(value, path, `Map keys must satisfy constraint: ${constraintsOf(key)}`, shape));
    }
    if (inner && scalar && breaks(Object.values(map), scalar)) {
      report(said(value, path, `Map value must satisfy constraint: ${constraintsOf(inner)}`, shape));
    }
    if (nested) for (const [name, item] of Object.entries(map)) nested(item, `${path}.${name}.member`, report);
  };
}

function scalarCheck(shape: ShapeModel): Check {
  switch (shape.type) {
    case "string":
      return stringCheck(shape);
    case "blob":
      return lengthCheck(shape);
    case "integer":
    case "long":
    case "float":
    case "double":
      return rangeCheck(shape);
    default:
      return () => undefined;
  }
}

function stringCheck(shape: ShapeModel): Check {
  const length = lengthCheck(shape);
  const pattern = shape.pattern === undefined ? undefined : compilePattern(shape.pattern);
  const allowed = shape.enum && new Set(shape.enum);
  return (value, path, report) => {
    if (typeof value !== "string") return;
    if (allowed && !allowed.has(value)) report(said(value, path, enumConstraint(shape), shape));
    length(value, path, report);
    // A text beyond its longest is not put to the pattern: it is refused already, and may be long.
    if (pattern && value.length <= (shape.max ?? Number.POSITIVE_INFINITY) && !pattern.test(value)) {
      report(said(value, path, patternConstraint(shape), shape));
    }
  };
}

function lengthCheck(shape: ShapeModel): Check {
  const { min, max } = shape;
  if (min === undefined && max === undefined) return () => undefined;
  return (value, path, report) => {
    const length = lengthOf(value);
    if (length === undefined) return;
    if (max !== undefined && length > max) report(said(value, path, atMost("length", max), shape));
    if (min !== undefined && length < min) report(said(value, path, atLeast("length", min), shape));
  };
}

function rangeCheck(shape: ShapeModel): Check {
  const { min, max } = shape;
  return (value, path, report) => {
    if (typeof value !== "number") return;
    if (max !== undefined && value > max) report(said(value, path, atMost("value", max), shape));
    if (min !== undefined && value < min) report(said(value, path, atLeast("value", min), shape));
  };
}

function isScalar(shape: ShapeModel): boolean {
  return shape.type !== "structure" && shape.type !== "list" && shape.type !== "map";
}

function breaks(items: Iterable<unknown>, check: Check): boolean {
  let broken = false;
  for (const item of items) {
    if (item === null || item === undefined) return true;
    check(item, "", () => {
      broken = true;
    });
  }
  return broken;
}

/** AWS: of a list's or map's parts, all constraints are told at once, in this order. */
function constraintsOf(shape: ShapeModel): string {
  const kind = shape.type === "string" || shape.type === "blob" ? "length" : "value";
  const parts = [
    shape.enum && enumConstraint(shape),
    shape.max === undefined ? undefined : atMost(kind, shape.max),
    shape.min === undefined ? undefined : atLeast(kind, shape.min),
    shape.pattern === undefined ? undefined : patternConstraint(shape),
    "Member must not be null",
  ];
  return `[${parts.filter((part) => part !== undefined).join(", ")}]`;
}

function atMost(kind: string, max: number): string {
  return `Member must have ${kind} less than or equal to ${max}`;
}

function atLeast(kind: string, min: number): string {
  return `Member must have ${kind} greater than or equal to ${min}`;
}

function patternConstraint(shape: ShapeModel): string {
  return `Member must satisfy regular expression pattern: ${shape.pattern}`;
}

function enumConstraint(shape: ShapeModel): string {
  return `Member must satisfy enum value set: [${(shape.enum ?? []).join(", ")}]`;
}

/** AWS: values of sensitive members are not repeated. */
function said(value: unknown, path: string, constraint: string, shape: ShapeModel): string {
  const shown = shape.sensitive ? "" : ` '${toText(value)}'`;
  return `Value${shown} at '${path}' failed to satisfy constraint: ${constraint}`;
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === "object" && value !== null && !(value instanceof Date)
    ? Object.keys(value).length
    : undefined;
}

/** As Java writes it, since that is what users see from AWS. */
function toText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toText).join(", ")}]`;
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}=${toText(inner)}`)
    .join(", ")}}`;
}
