import type { Readable } from "node:stream";
import {
  assertChecksums,
  AwsFault,
  decodePayload,
  decompress,
  fault,
  guessProtocol,
  isCompressed,
  isStreamingInput,
  type Route,
  signatureRefused,
  takesCompressed,
  type Verified,
  verifySignature,
  type WireRequest,
  type WireResponse,
} from "#protocol";
import { readAll } from "./body.ts";
import { createContext } from "./create-context.ts";
import type { Machinery } from "./machinery.ts";
import { dispatch } from "./dispatch.ts";
import { rootPrincipal } from "./principal.ts";
import type { Principal } from "./principal.ts";
import type { Registered } from "./registry.ts";
import { isCutOff, unexpected } from "./unexpected.ts";

/** The largest body that is not streamed: a function's zip (50 MB) in base64, with room. */
const LARGEST_BODY = 96 * 1024 * 1024;
/** What somebody may send who names no key that is known here: a refusal costs no more memory than that. */
const STRANGERS_BODY = 1024 * 1024;

/** A request's life on the wire, from top to bottom. Never throws: a failure is an answer too. */
export async function handle(machinery: Machinery, request: WireRequest, stream: Readable): Promise<WireResponse> {
  const requestId = machinery.kernel.ids.uuid();
  for (const door of machinery.registry.doors) {
    if (!door.http.matches(request)) continue;
    return door.http.handle(request, stream, outside(machinery, door.of, requestId) as never);
  }
  let response: WireResponse;
  let route: Route | undefined;
  let allowed: Readonly<Record<string, string>> | undefined;
  try {
    if (request.headers["origin"] !== undefined) allowed = await crossOrigin(machinery, request, requestId);
    if (request.method === "OPTIONS" && allowed) return { status: 200, headers: { ...allowed }, body: undefined };
    const early = isForm(request) ? await readAll(stream, limitOf(machinery, request)) : undefined;
    route = machinery.registry.route(request, early ? formOf(plain(request, early)) : {});
    response = await answer(machinery, { request, route, requestId, stream, early });
  } catch (error) {
    const cut = stream.readableAborted && isCutOff(error);
    response = refuse(machinery, { request, route, requestId }, cut ? cutOff() : error);
  }
  // A refusal too: without them the page would not be told why.
  if (allowed) Object.assign(response.headers, allowed);
  return response;
}

/** Who asked went away before the end of the body: no failure of ours, and nobody reads the answer. AWS: S3's name for it. */
function cutOff(): AwsFault {
  return fault("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header");
}

interface Asked {
  readonly request: WireRequest;
  readonly route: Route;
  readonly requestId: string;
  readonly stream: Readable;
  /** The body, when it had to be read to know what is asked. */
  readonly early: Buffer | undefined;
}

async function answer(
  machinery: Machinery,
  { request, route, requestId, stream, early }: Asked,
): Promise<WireResponse> {
  const to = requireService(machinery, route.service);
  const at = { model: to.model, operation: route.operation, quirks: to.quirks };
  const streaming = isStreamingInput(to.model, route.operation);
  const bytes = streaming ? undefined : (early ?? (await readAll(stream, limitOf(machinery, request))));
  const now = machinery.kernel.clock.now();
  const { region: home } = machinery.kernel.settings;
  const verified = verifySignature(request, bytes, { at, find: (id) => machinery.keyring.find(id), now, region: home });
  if (bytes) assertChecksums(request, bytes);
  const unsigned = to.model.operations[route.operation]?.authtype === "none";
  const { principal, region } = identify(machinery, { to, unsigned }, verified);
  const compressed = bytes && isCompressed(request) && takesCompressed(to.model, route.operation);
  const body = compressed ? plain(request, bytes) : (bytes ?? decodePayload(stream, verified, request));
  const input = route.protocol.parse(at, { request, labels: route.labels, body });
  const ctx = createContext(machinery, to, { principal, region, requestId, secureTransport: request.secure });
  const output = await dispatch(machinery, { to, operation: route.operation, input, ctx, origin: "wire" });
  return route.protocol.serialize(at, output, requestId);
}

function identify(
  machinery: Machinery,
  { to, unsigned }: { readonly to: Registered; readonly unsigned: boolean },
  verified: Verified | undefined,
): { principal: Principal; region: string } {
  const key = verified && machinery.keyring.find(verified.accessKeyId);
  if (verified && key) return { principal: key.principal, region: verified.region };
  const { account, region } = machinery.kernel.settings;
  // AWS: these operations take a token for a signature: "Calling AssumeRoleWithWebIdentity does not require the use of AWS credentials".
  if (unsigned && !verified) return { principal: { type: "anonymous", arn: "anonymous", account }, region };
  throw signatureRefused(to.model, "missing");
}

function requireService(machinery: Machinery, name: string): Registered {
  const found = machinery.registry.find(name);
  if (!found) throw new Error(`The router named a service that is not there: ${name}.`);
  return found;
}

/** A context for requests that no key signs: the account itself asks, the service decides what it lets pass. */
function outside(machinery: Machinery, of: Registered, requestId: string) {
  const { account, region } = machinery.kernel.settings;
  return createContext(machinery, of, { principal: rootPrincipal(account), region, requestId });
}

/** A page of some other site must not reach the API through the user's browser: only what a service allows passes. */
async function crossOrigin(
  machinery: Machinery,
  request: WireRequest,
  requestId: string,
): Promise<Readonly<Record<string, string>>> {
  for (const one of machinery.registry.all) {
    const headers = await one.service.crossOrigin?.(request, outside(machinery, one, requestId) as never);
    if (headers) return headers;
  }
  throw fault(
    "AccessDenied",
    "Requests from web pages are refused here; the invoke URLs of API Gateway are open to them.",
    {
      status: 403,
    },
  );
}

function refuse(
  machinery: Machinery,
  { request, route, requestId }: { request: WireRequest; route: Route | undefined; requestId: string },
  error: unknown,
): WireResponse {
  if (!(error instanceof AwsFault)) machinery.report(`${request.method} ${request.path}`, error);
  const told = error instanceof AwsFault ? error : unexpected(route?.service, error);
  const to = route && machinery.registry.find(route.service);
  if (!route || !to) return guessProtocol(request).serializeFault(undefined, told, requestId);
  const at = { model: to.model, operation: route.operation, quirks: to.quirks };
  const response = route.protocol.serializeFault(at, told, requestId);
  Object.assign(response.headers, told.headers);
  if (told.retryAfter !== undefined) response.headers["retry-after"] = String(told.retryAfter);
  return response;
}

/** Whether a key is used rightly is known when the body is there; whether there is such a key, before. */
function limitOf({ keyring }: Machinery, { headers, query }: WireRequest): number {
  if (Number(headers["content-length"]) <= STRANGERS_BODY) return LARGEST_BODY;
  const header = /Credential=([^/,\s]+)\//.exec(headers["authorization"] ?? "")?.[1];
  const id = header ?? /(?:^|&)(?:X-Amz-Credential|AWSAccessKeyId)=(\w+)/.exec(query)?.[1];
  return id !== undefined && keyring.find(id) ? LARGEST_BODY : STRANGERS_BODY;
}

/** Of a Query service: curl and others give any upload this content type, and an object must stay a stream. */
function isForm(request: WireRequest): boolean {
  if (request.method !== "POST" || request.path !== "/") return false;
  return request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
}

function plain(request: WireRequest, body: Buffer): Buffer {
  return isCompressed(request) ? decompress(body, LARGEST_BODY) : body;
}

function formOf(body: Buffer): { formAction?: string; formVersion?: string } {
  const form = new URLSearchParams(body.subarray(0, 65_536).toString("utf8"));
  const [action, version] = [form.get("Action"), form.get("Version")];
  return { ...(action !== null && { formAction: action }), ...(version !== null && { formVersion: version }) };
}
