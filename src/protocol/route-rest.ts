import { decodeLabel, parseQuery } from "./bindings.ts";
import { hoistedHeaders } from "./hoisted.ts";
import type { OperationModel, ServiceModel } from "./model.ts";
import type { WireRequest } from "./wire.ts";

interface RestMatch {
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type RestMatcher = (request: WireRequest, path: string) => RestMatch | undefined;

interface Segment {
  readonly label: boolean;
  readonly greedy: boolean;
  readonly text: string;
}

interface Candidate {
  readonly operation: string;
  readonly segments: readonly Segment[];
  /** Query parameters that the path of the model names, e.g. `uploads` or `list-type=2`. */
  readonly literals: readonly (readonly [name: string, value: string])[];
  /** Headers and query parameters that tell it from others with the same path. */
  readonly requires: readonly string[];
}

/** Method, path and query to an operation of one service. */
export function createRestMatcher(model: ServiceModel): RestMatcher {
  const byMethod = new Map<string, Candidate[]>();
  for (const [method, group] of grouped(model)) byMethod.set(method, group.toSorted(mostSpecificFirst));
  return (request, path) => {
    const candidates = byMethod.get(request.method);
    if (!candidates) return undefined;
    const steps = path.slice(1).split("/");
    let query: Map<string, string> | undefined;
    for (const candidate of candidates) {
      if (!pathMatches(candidate.segments, steps)) continue;
      if (candidate.literals.length > 0 || candidate.requires.length > 0) {
        query ??= new Map(parseQuery(request.query));
        if (!literalsMatch(candidate, query) || !requirementsMatch(candidate, query, request)) continue;
      }
      return { operation: candidate.operation, labels: labelsOf(candidate.segments, steps) };
    }
    return undefined;
  };
}

function grouped(model: ServiceModel): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>();
  const alike = new Map<string, number>();
  const signature = (operation: OperationModel) =>
    `${operation.http.method} ${operation.http.requestUri.replaceAll(/\{[^}+]*(\+?)\}/g, "{$1}")}`;
  const operations = Object.entries(model.operations);
  for (const [, operation] of operations) alike.set(signature(operation), (alike.get(signature(operation)) ?? 0) + 1);
  // Operations without shapes come last: of two with one address, the one that is kept for use wins.
  const ordered = operations.toSorted(([, a], [, b]) => Number(hasShapes(b)) - Number(hasShapes(a)));
  for (const [name, operation] of ordered) {
    const [path = "", query = ""] = operation.http.requestUri.split("?");
    const candidate: Candidate = {
      operation: name,
      segments: segmentsOf(path),
      literals: parseQuery(query),
      requires: (alike.get(signature(operation)) ?? 1) > 1 ? requirementsOf(model, operation) : [],
    };
    const group = groups.get(operation.http.method);
    if (group) group.push(candidate);
    else groups.set(operation.http.method, [candidate]);
  }
  return groups;
}

function hasShapes(operation: OperationModel): boolean {
  return operation.input !== undefined || operation.output !== undefined;
}

function segmentsOf(path: string): Segment[] {
  const parts = path.slice(1).split("/");
  // A model's path may end in a slash; with or without one, it is the same address.
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts.map((part) => {
    const label = /^\{([^}+]+)(\+?)\}$/.exec(part);
    return label
      ? { label: true, greedy: label[2] === "+", text: label[1] ?? "" }
      : { label: false, greedy: false, text: part };
  });
}

function requirementsOf(model: ServiceModel, operation: OperationModel): readonly string[] {
  if (operation.requires) return operation.requires;
  const shape = operation.input && model.shapes[operation.input.shape];
  const members = (shape?.required ?? []).map((name) => [name, shape?.members?.[name]] as const);
  return members.flatMap(([name, member]) =>
    member?.location === "header" || member?.location === "querystring"
      ? [`${member.location}:${member.locationName ?? name}`]
      : [],
  );
}

function mostSpecificFirst(a: Candidate, b: Candidate): number {
  return (
    literalSegments(b) - literalSegments(a) ||
    b.literals.length - a.literals.length ||
    b.requires.length - a.requires.length ||
    Number(isGreedy(a)) - Number(isGreedy(b))
  );
}

function literalSegments(candidate: Candidate): number {
  return candidate.segments.filter(({ label, text }) => !label && text !== "").length;
}

function isGreedy(candidate: Candidate): boolean {
  return candidate.segments.some(({ greedy }) => greedy);
}

function pathMatches(segments: readonly Segment[], steps: readonly string[]): boolean {
  const last = segments.at(-1);
  if (last?.greedy) {
    if (steps.length < segments.length) return false;
    // A greedy label takes the rest, slashes and all, but not nothing.
    if (steps.length === segments.length && steps.at(-1) === "") return false;
  } else {
    const length = steps.length > segments.length && steps.at(-1) === "" ? steps.length - 1 : steps.length;
    if (length !== segments.length) return false;
  }
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    const step = steps[i] ?? "";
    if (segment.label ? !segment.greedy && step === "" : segment.text !== step) return false;
  }
  return true;
}

function literalsMatch(candidate: Candidate, query: ReadonlyMap<string, string>): boolean {
  return candidate.literals.every(([name, value]) => {
    const given = query.get(name);
    return given !== undefined && (value === "" || given === value);
  });
}

function requirementsMatch(candidate: Candidate, query: ReadonlyMap<string, string>, request: WireRequest): boolean {
  return candidate.requires.every((requirement) => {
    const [kind, name = ""] = split(requirement);
    return kind === "header" ? hoistedHeaders(request)[name.toLowerCase()] !== undefined : query.has(name);
  });
}

function split(requirement: string): [string, string] {
  const colon = requirement.indexOf(":");
  return [requirement.slice(0, colon), requirement.slice(colon + 1)];
}

function labelsOf(segments: readonly Segment[], steps: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  segments.forEach((segment, i) => {
    if (!segment.label) return;
    labels[segment.text] = decodeLabel(segment.greedy ? steps.slice(i).join("/") : (steps[i] ?? ""));
  });
  return labels;
}
