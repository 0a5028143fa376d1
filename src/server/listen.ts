import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer, type Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { CauceError, messageOf } from "#core";

/** A second door of the server: the same answers over TLS. What runs here itself goes on using the first. */
export interface TlsDoor {
  readonly host: string;
  readonly port: number;
  /** Files in PEM. */
  readonly cert: string;
  readonly key: string;
}

export const CONNECTIONS = { keepAliveTimeout: 65_000, requestTimeout: 0, maxHeaderSize: 32_768 };

export function createSecureListener({ cert, key }: TlsDoor): SecureServer {
  try {
    return createServer({ ...CONNECTIONS, cert: readFileSync(cert), key: readFileSync(key), minVersion: "TLSv1.2" });
  } catch (error) {
    throw new CauceError(
      {
        code: "TlsUnusable",
        what: `The certificate ${cert} and the key ${key} cannot be used.`,
        why: messageOf(error),
        fix: "Give two files in PEM that belong together with --tls-cert and --tls-key.",
      },
      { cause: error },
    );
  }
}

/** Answers where it listens, e.g. `127.0.0.1:4566`. */
export async function listen(listener: Server, { host, port }: { host: string; port: number }): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? portTaken(port) : error),
    );
    listener.listen(port, host, resolve);
  });
  const bound = (listener.address() as AddressInfo).port;
  return `${host.includes(":") ? `[${host}]` : host}:${bound}`;
}

function portTaken(port: number): CauceError {
  return new CauceError({
    code: "PortTaken",
    what: `Port ${port} is taken.`,
    why: "Another program listens on it.",
    fix: "Choose another with --port or CAUCE_PORT, or stop the other program.",
  });
}

export async function closeListener(listener: Server): Promise<void> {
  if (!listener.listening) return;
  const closed = new Promise((resolve) => listener.close(resolve));
  // A kept-alive connection becomes idle only after its last answer; whoever still waits for one gets two seconds.
  const idle = setInterval(() => listener.closeIdleConnections(), 20);
  const late = setTimeout(() => listener.closeAllConnections(), 2000);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
