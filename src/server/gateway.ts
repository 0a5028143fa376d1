import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { WireRequest, WireResponse } from "#protocol";

export type Answer = (request: WireRequest, body: Readable) => Promise<WireResponse>;

/** Between Node's HTTP and the wire as the kernel sees it: checks the host, hands the request on, writes the answer. */
export function createGateway(answer: Answer, isOurs: (host: string) => boolean) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = toWire(incoming);
    // A page that rebinds its own name to 127.0.0.1 still sends that name: only ours are answered.
    if (!isOurs(request.host)) return refuseHost(outgoing, request.host);
    const response = await answer(request, incoming);
    if (incoming.complete || response.body instanceof Readable) return write(outgoing, response, request.method);
    // What the handler did not read must not be taken for the next request on this connection.
    outgoing.setHeader("connection", "close");
    await linger(incoming, outgoing, response);
  };
}

function toWire(incoming: IncomingMessage): WireRequest {
  const url = incoming.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    // Node has joined repeated headers already; only set-cookie stays a list, and no request has that.
    headers: incoming.headers as Record<string, string>,
    host: incoming.headers.host ?? "",
    rawHeaders: incoming.rawHeaders,
    remoteAddress: incoming.socket.remoteAddress ?? "127.0.0.1",
    secure: isSecure(incoming.socket),
  };
}

/** By TLS, or by plain HTTP that never leaves this machine. */
function isSecure(socket: Socket): boolean {
  const { remoteAddress: from = "", localAddress: to } = socket;
  return "encrypted" in socket || from === to || OWN_ADDRESS.test(from);
}

const OWN_ADDRESS = /^(::ffff:)?127\.|^::1$/;

const PATIENCE = 3000;

/** Answers a client that is still sending, and closes when it is done: closed at once, many would see a reset instead of the answer. */
async function linger(incoming: IncomingMessage, outgoing: ServerResponse, response: WireResponse): Promise<void> {
  const { status, headers, body, cookies } = response;
  if (cookies) outgoing.setHeader("set-cookie", cookies);
  const bytes = Buffer.from((body ?? "") as string | Uint8Array);
  outgoing.writeHead(status, { ...headers, "content-length": String(bytes.length) });
  outgoing.write(bytes);
  incoming.resume();
  await Promise.race([once(incoming, "close").catch(() => {}), sleep(PATIENCE, undefined, { ref: false })]);
  outgoing.end();
}

function write(outgoing: ServerResponse, response: WireResponse, method: string): Promise<void> | undefined {
  const { status, headers, body, cookies } = response;
  if (cookies) outgoing.setHeader("set-cookie", cookies);
  if (body instanceof Readable) {
    outgoing.writeHead(status, headers);
    // The client may go away in the middle of an object; that is no failure of ours.
    return pipeline(body, outgoing).catch(() => void outgoing.destroy());
  }
  if (method !== "HEAD" && headers["content-length"] === undefined && status !== 204 && status !== 304) {
    headers["content-length"] = String(body === undefined ? 0 : Buffer.byteLength(body));
  }
  outgoing.writeHead(status, headers);
  outgoing.end(method === "HEAD" ? undefined : body);
  return undefined;
}

function refuseHost(outgoing: ServerResponse, host: string): void {
  const message = `This server does not answer for the host "${host.slice(0, 200)}". Use 127.0.0.1 or localhost.`;
  outgoing.writeHead(403, { "content-type": "application/json", connection: "close" });
  outgoing.end(JSON.stringify({ code: "HostRefused", message }));
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

/** Which `Host` headers are ours: loopback names; a server that was asked to listen elsewhere answers to addresses too. */
export function hostsOf(listening: string): (host: string) => boolean {
  const wide = !LOOPBACK.test(listening.includes(":") ? `[${listening}]` : listening);
  const matches = (host: string) =>
    LOOPBACK.test(host) || (wide && (ADDRESS.test(host) || host.replace(/:\d+$/, "") === listening));
  // Clients send the same name again and again.
  let last: string | undefined;
  return (host) => {
    if (host === last) return true;
    if (!matches(host)) return false;
    last = host;
    return true;
  };
}
