import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, type Ids, CauceError } from "#core";
import { createKernel, type Kernel, type Settings } from "#kernel";
import { services } from "#services";
import { createConsole, isConsole } from "./console/routes.ts";
import { createGateway, hostsOf } from "./gateway.ts";
import { claimHome } from "./lock.ts";

export interface ServerOptions {
  /** `port` 0 takes a free one. */
  readonly settings: Settings;
  readonly version: string;
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
  /** Resolves when the server has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
  close(): Promise<void>;
}

/** The embedded AWS, from nothing to listening. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, report } = options;
  const started = new Date();
  const lock = claimHome(settings.home);
  const listener = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0, maxHeaderSize: 32_768 });
  try {
    const kernel = await createKernel({ services, ...options });
    if (lock.killed !== undefined) kernel.interrupted.unshift(wasKilled(lock.killed));
    const endpoint = await listen(listener, settings);
    kernel.listening(endpoint);
    let hasStopped = () => {};
    const stopped = new Promise<void>((resolve) => (hasStopped = resolve));
    const close = once(async () => {
      await closeListener(listener);
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
    const gateway = createGateway(
      async (request, body) => (isConsole(request) ? console(request, body) : kernel.handle(request, body)),
      hostsOf(settings.host),
    );
    listener.on("request", (incoming, outgoing) => {
      gateway(incoming, outgoing).catch((error: unknown) => {
        if (!incoming.readableAborted) report(`${incoming.method} ${incoming.url}`, error);
        if (outgoing.headersSent) return outgoing.destroy();
        outgoing.writeHead(500, { "content-type": "application/json", connection: "close" });
        outgoing.end('{"message":"Internal server error"}');
      });
    });
    const { accessKeyId, secretAccessKey } = kernel.rootKey;
    return { endpoint, credentials: { accessKeyId, secretAccessKey }, kernel, stopped, close };
  } catch (error) {
    listener.close();
    lock.release();
    throw error;
  }
}

function wasKilled(pid: number): string {
  return `The server before this one (process ${pid}) ended without stopping: it was killed, or the machine went down.`;
}

async function listen(listener: Server, { host, port }: Settings): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? portTaken(port) : error),
    );
    listener.listen(port, host, resolve);
  });
  const bound = (listener.address() as AddressInfo).port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}

function portTaken(port: number): CauceError {
  return new CauceError({
    code: "PortTaken",
    what: `Port ${port} is taken.`,
    why: "Another program listens on it.",
    fix: "Choose another with --port or CAUCE_PORT, or stop the other program.",
  });
}

async function closeListener(listener: Server): Promise<void> {
  const closed = new Promise((resolve) => listener.close(resolve));
  // A kept-alive connection becomes idle only after its last answer; whoever still waits for one gets two seconds.
  const idle = setInterval(() => listener.closeIdleConnections(), 20);
  const late = setTimeout(() => listener.closeAllConnections(), 2000);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
