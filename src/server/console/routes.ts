import type { Readable } from "node:stream";
import { type AccessKey, type Kernel, readAll } from "#kernel";
import { AwsFault, fault, type ServiceModel, verifySignature, type WireRequest, type WireResponse } from "#protocol";
import type { Health } from "./contract.ts";

const PREFIX = "/_cauce/";
/** No route takes one yet; it is read before anything is known about who asks. */
const LARGEST_BODY = 64 * 1024;

/** Signed like an AWS request, for the service `cauce`. */
const MODEL: ServiceModel = {
  metadata: {
    protocol: "rest-json",
    serviceId: "cauce",
    signingName: "cauce",
    endpointPrefix: "cauce",
    apiVersion: "1",
  },
  operations: {},
  shapes: {},
};

export interface ConsoleParts {
  readonly kernel: Kernel;
  readonly rootKey: AccessKey & { readonly accessKeyId: string };
  readonly started: Date;
  readonly version: string;
  readonly shutDown: () => void;
}

export function isConsole(request: WireRequest): boolean {
  return request.path.startsWith(PREFIX);
}

/** `/_cauce/*`: what is Cauce's own and not AWS's. Every request must be signed with the account's key, and no page may ask. */
export function createConsole(parts: ConsoleParts): (request: WireRequest, body: Readable) => Promise<WireResponse> {
  const routes: Readonly<Record<string, () => unknown>> = {
    "GET health": () => health(parts),
    "GET journal": () => parts.kernel.journal.entries(),
    "POST shutdown": () => {
      setImmediate(parts.shutDown);
      return { stopping: true };
    },
  };
  return async (request, body) => {
    try {
      requireSigned(parts, request, await readAll(body, LARGEST_BODY));
      const route = routes[`${request.method} ${request.path.slice(PREFIX.length)}`];
      if (!route) throw fault("NotFound", `There is no ${request.method} ${request.path}.`, { status: 404 });
      return json(200, route());
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return json(error.status ?? 400, { code: error.code, message: error.message });
    }
  };
}

function requireSigned({ kernel, rootKey }: ConsoleParts, request: WireRequest, body: Buffer): void {
  if (request.headers["origin"] !== undefined)
    throw fault("OriginRefused", "Web pages may not ask this.", { status: 403 });
  const verified = verifySignature(request, body, {
    at: { model: MODEL, quirks: {} },
    find: (id) => (id === rootKey.accessKeyId ? rootKey : undefined),
    now: kernel.clock.now(),
  });
  if (!verified)
    throw fault("MissingAuthenticationToken", "This request must be signed with the account's key.", { status: 403 });
}

function health({ kernel, started, version }: ConsoleParts): Health {
  const { home, account, region } = kernel.settings;
  const memory = { residentBytes: process.memoryUsage.rss() };
  const { interrupted } = kernel;
  return { version, pid: process.pid, home, account, region, started: started.toISOString(), interrupted, memory };
}

function json(status: number, value: unknown): WireResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
