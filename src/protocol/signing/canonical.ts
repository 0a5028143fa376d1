import { hash } from "node:crypto";
import type { WireRequest } from "../wire.ts";
import type { Claim } from "./scope.ts";

const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;

/** The text whose HMAC is the signature. */
export function stringToSign(
  request: WireRequest,
  claim: Claim,
  signed: {
    readonly date: string;
    readonly payloadHash: string;
    readonly singleEncodedPath: boolean;
    readonly presigned: boolean;
  },
): string {
  const canonical = `${request.method}\n${canonicalPath(request.path, signed.singleEncodedPath)}\n${canonicalQuery(
    request.query,
    signed.presigned,
  )}\n${canonicalHeaders(request, claim.signedHeaders)}\n${claim.signedNames}\n${signed.payloadHash}`;
  return `AWS4-HMAC-SHA256\n${signed.date}\n${claim.scope}\n${hash("sha256", canonical, "hex")}`;
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalPath(path: string, single: boolean): string {
  if (path === "") return "/";
  if (single) return PLAIN_PATH.test(path) ? path : encodePath(decode(path));
  return encodePath(path.includes("//") || path.includes("/.") ? normalized(path) : path);
}

function encodePath(path: string): string {
  return PLAIN_PATH.test(path) ? path : encodeStrictly(path).replaceAll("%2F", "/");
}

/** AWS: all but S3 take out empty, `.` and `..` steps before they sign. */
function normalized(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  const slash = steps.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${steps.join("/")}${slash}`;
}

function canonicalQuery(query: string, presigned: boolean): string {
  if (query === "") return "";
  const pairs: [string, string][] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (presigned && name === "X-Amz-Signature") continue;
    pairs.push([recode(name), equals < 0 ? "" : recode(pair.slice(equals + 1))]);
  }
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

function recode(text: string): string {
  return /^[A-Za-z0-9\-._~]*$/.test(text) ? text : encodeStrictly(decode(text.replaceAll("+", " ")));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function canonicalHeaders(request: WireRequest, names: readonly string[]): string {
  let text = "";
  for (const name of names) {
    const value = repeated(request, name) ?? request.headers[name] ?? (name === "host" ? request.host : "");
    text += `${name}:${value.includes("  ") ? value.replaceAll(/ +/g, " ").trim() : value.trim()}\n`;
  }
  return text;
}

/** A header that came several times: it is signed with bare commas, Node joins it with spaces after them. */
function repeated(request: WireRequest, name: string): string | undefined {
  const { rawHeaders } = request;
  if (!rawHeaders || !request.headers[name]?.includes(", ")) return undefined;
  const values = rawHeaders.filter((_value, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  return values.length > 1 ? values.map((value) => value.trim()).join(",") : undefined;
}
