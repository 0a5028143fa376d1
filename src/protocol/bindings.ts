import { put } from "./codecs/compile.ts";
import { decodeBase64 } from "./codecs/blob.ts";
import { decodeFormText } from "./codecs/query.ts";
import { fault } from "./fault.ts";
import type { Binding, Plan } from "./plan.ts";
import type { Incoming, Members } from "./wire.ts";

/** Labels, query and headers of a request: the part that REST protocols share. */
export function readBindings(plan: Plan, incoming: Incoming, headers = incoming.request.headers): Members {
  const members: Members = {};
  for (const binding of plan.labels) {
    const text = incoming.labels[binding.wire];
    if (text !== undefined) members[binding.member] = binding.read(text);
  }
  for (const binding of plan.headers) {
    const text = headers[binding.header];
    if (text !== undefined) readHeader(binding, text, members);
  }
  if (plan.prefixHeaders) readPrefixed(plan.prefixHeaders, headers, members);
  if (plan.query.length > 0 || plan.queryMap) readQuery(plan, incoming.request.query, members);
  return members;
}

/** The headers of an answer. */
export function writeHeaders(plan: Plan, output: Members, headers: Record<string, string>): void {
  for (const binding of plan.headers) {
    const value = output[binding.member];
    if (value === undefined || value === null) continue;
    const text = writeHeader(binding, value);
    if (text !== undefined) headers[binding.header] = text;
  }
  if (!plan.prefixHeaders) return;
  const prefixed = output[plan.prefixHeaders.member];
  if (!prefixed) return;
  for (const [name, value] of Object.entries(prefixed as Record<string, unknown>)) {
    if (value !== undefined && value !== null)
      headers[(plan.prefixHeaders.wire + name).toLowerCase()] = safeHeader(String(value));
  }
}

/** The query's parameters in order; a parameter may come several times. */
export function parseQuery(query: string): [name: string, value: string][] {
  if (query === "") return [];
  const pairs: [string, string][] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals < 0) pairs.push([decodeFormText(pair), ""]);
    else pairs.push([decodeFormText(pair.slice(0, equals)), decodeFormText(pair.slice(equals + 1))]);
  }
  return pairs;
}

function readHeader(binding: Binding, text: string, members: Members): void {
  if (binding.inner) {
    const inner = binding.inner;
    members[binding.member] = splitHeader(text, inner).map(inner.read);
  } else if (binding.ref.jsonvalue) {
    members[binding.member] = decodeBase64(text).toString("utf8");
  } else {
    // A number or a date that the client left empty counts as not given.
    if (text === "" && binding.shape.type !== "string") return;
    members[binding.member] = binding.read(text);
  }
}

/** `a, "b, c"` · dates as HTTP writes them hold one comma each. */
function splitHeader(text: string, inner: Binding): string[] {
  if (text === "") return [];
  if (inner.shape.type === "timestamp" && /^\w{3},/.test(text)) {
    return text.split(/,(?=\s*\w{3},)/).map((part) => part.trim());
  }
  const parts = text.match(/\s*(?:"(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)/g) ?? [];
  // The pattern also matches the nothing at the end, unless the text ends in a comma.
  if (!text.endsWith(",")) parts.pop();
  return parts.map((part) => {
    const bare = part.replace(/,$/, "").trim();
    return bare.startsWith('"') && bare.endsWith('"') && bare.length > 1
      ? bare.slice(1, -1).replaceAll(/\\(.)/g, "$1")
      : bare;
  });
}

function writeHeader(binding: Binding, value: unknown): string | undefined {
  if (binding.inner) {
    const { inner } = binding;
    const parts = Array.from(value as Iterable<unknown>).filter((item) => item !== undefined && item !== null);
    if (parts.length === 0) return undefined;
    return parts.map((item) => quoted(inner.write(item), inner)).join(", ");
  }
  if (binding.ref.jsonvalue) {
    return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");
  }
  return safeHeader(binding.write(value));
}

function quoted(text: string, inner: Binding): string {
  const needsQuotes = inner.shape.type === "string" && /[",]/.test(text);
  return safeHeader(needsQuotes ? `"${text.replaceAll(/["\\]/g, "\\$&")}"` : text);
}

/**
 * A header is bytes: what is beyond Latin-1 goes as UTF-8, which clients read back; control characters cannot go at all.
 */
function safeHeader(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return text;
  // oxlint-disable-next-line no-control-regex
  const bytes = /[^\x00-\xff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
  // oxlint-disable-next-line no-control-regex
  return bytes.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]+/g, " ");
}

function readPrefixed(binding: Binding, headers: Readonly<Record<string, string>>, members: Members): void {
  const prefix = binding.wire.toLowerCase();
  const found: Record<string, string> = {};
  let any = false;
  for (const name of Object.keys(headers)) {
    const text = headers[name];
    if (!name.startsWith(prefix) || text === undefined) continue;
    put(found, name.slice(prefix.length), text);
    any = true;
  }
  if (any) members[binding.member] = found;
}

function readQuery(plan: Plan, query: string, members: Members): void {
  if (query === "") return;
  const pairs = parseQuery(query);
  for (const binding of plan.query) {
    const values = pairs.filter(([name]) => name === binding.wire).map(([, value]) => value);
    const [first] = values;
    if (first === undefined) continue;
    if (binding.inner) members[binding.member] = values.map(binding.inner.read);
    // AWS: an empty value of a text counts (an empty prefix), one of a number or a date does not.
    else if (first !== "" || binding.shape.type === "string") members[binding.member] = binding.read(first);
  }
  // AWS: Smithy has servers put every parameter into the map, those bound to members too.
  if (plan.queryMap && pairs.length > 0) members[plan.queryMap.member] = toMap(plan.queryMap, pairs);
}

function toMap(binding: Binding, pairs: [string, string][]): Record<string, unknown> {
  const lists = binding.inner?.shape.type === "list";
  const map: Record<string, unknown> = {};
  for (const [name, value] of pairs) {
    const before = map[name];
    if (!lists) put(map, name, value);
    else if (Array.isArray(before)) before.push(value);
    else put(map, name, [value]);
  }
  return map;
}

/** A member of a path label, decoded. */
export function decodeLabel(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    throw fault("InvalidURI", "Couldn't parse the specified URI.");
  }
}
