import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock, Ids } from "#core";
import { createKernel, type Kernel, type Settings } from "#kernel";
import { services } from "#services";
import { createConsole, isConsole } from "./console/routes.ts";
import { type Answer, createGateway, hostsOf } from "./gateway.ts";
import { closeListener, CONNECTIONS, createSecureListener, listen, type TlsDoor } from "./listen.ts";
import { claimHome } from "./lock.ts";

export interface ServerOptions {
  /** `port` 0 takes a free one. */
  readonly settings: Settings;
  readonly version: string;
  /** A second door, for those who are elsewhere. */
  readonly tls?: TlsDoor;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Where failures that are our own bugs are told. */
  readonly report: (where: string, error: unknown) => void;
}

export interface RunningServer {
  /** e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly kernel: Kernel;
  /** Where the second door is, e.g. `https://0.0.0.0:443`. */
  readonly secureEndpoint?: string;
  /** Resolves when the server has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
  close(): Promise<void>;
}

/** The embedded AWS, from nothing to listening. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, report } = options;
  const started = new Date();
  const lock = claimHome(settings.home);
  const listener = createServer(CONNECTIONS);
  const doors = [listener];
  try {
    const secure = options.tls && createSecureListener(options.tls);
    if (secure) doors.push(secure);
    const kernel = await createKernel({ services, ...options });
    if (lock.killed !== undefined) kernel.interrupted.unshift(wasKilled(lock.killed));
    const endpoint = `http://${await listen(listener, settings)}`;
    kernel.listening(endpoint);
    let hasStopped = () => {};
    const stopped = new Promise<void>((resolve) => (hasStopped = resolve));
    const close = once(async () => {
      await Promise.all(doors.map(closeListener));
      await kernel.stop();
      lock.release();
      hasStopped();
    });
    const console = createConsole({
      kernel,
      rootKey: kernel.rootKey,
      started,
      version: options.version,
      shutDown: close,
    });
    const answer: Answer = (request, body) =>
      isConsole(request) ? console(request, body) : kernel.handle(request, body);
    listener.on("request", answerWith(createGateway(answer, hostsOf(settings.host)), report));
    const { accessKeyId, secretAccessKey } = kernel.rootKey;
    const running = { endpoint, credentials: { accessKeyId, secretAccessKey }, kernel, stopped, close };
    if (!secure || !options.tls) return running;
    secure.on("request", answerWith(createGateway(answer, hostsOf(options.tls.host)), report));
    return { ...running, secureEndpoint: `https://${await listen(secure, options.tls)}` };
  } catch (error) {
    for (const door of doors) door.close();
    lock.release();
    throw error;
  }
}

function answerWith(gateway: ReturnType<typeof createGateway>, report: ServerOptions["report"]) {
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    gateway(incoming, outgoing).catch((error: unknown) => {
      if (!incoming.readableAborted) report(`${incoming.method} ${incoming.url}`, error);
      if (outgoing.headersSent) return outgoing.destroy();
      outgoing.writeHead(500, { "content-type": "application/json", connection: "close" });
      outgoing.end('{"message":"Internal server error"}');
    });
  };
}

function wasKilled(pid: number): string {
  return `The server before this one (process ${pid}) ended without stopping: it was killed, or the machine went down.`;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
