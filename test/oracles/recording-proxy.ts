import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it went over the wire. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** base64 */
  readonly body: string;
  readonly status: number;
}

export interface RecordingProxy {
  readonly endpoint: string;
  readonly requests: readonly Recorded[];
  close(): Promise<void>;
}

/** Stands before a server that speaks AWS's API, hands everything on, and keeps what was asked. */
export async function recordingProxy(to: string): Promise<RecordingProxy> {
  const requests: Recorded[] = [];
  const target = new URL(to);
  const server = createServer({ keepAliveTimeout: 65_000, maxHeaderSize: 32_768 }, (incoming, outgoing) => {
    read(incoming)
      .then((body) => {
        const { method = "GET", url = "/", headers } = incoming;
        const asked = request(
          { hostname: target.hostname, port: target.port, method, path: url, headers },
          (answer) => {
            requests.push({ method, url, headers, body: body.toString("base64"), status: answer.statusCode ?? 0 });
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
        asked.on("error", () => outgoing.destroy());
        asked.end(body);
      })
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
