import { connect } from "node:net";
import { sign, type SignedRequest } from "#aws";

export interface RawAnswer {
  /** 0 when the server closed the connection without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends these bytes as they are, as no HTTP client would, and reads what comes until the connection ends. */
export function sendRaw(endpoint: string, bytes: string | Buffer, patience = 5000): Promise<RawAnswer> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
    const finish = () => done(toAnswer(Buffer.concat(chunks).toString("utf8")));
    socket.setTimeout(patience, () => socket.destroy());
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", finish);
    socket.on("close", finish);
  });
}

/** A request with a path as it stands, signed for S3 or another service; the connection closes after the answer. */
export function sendSigned(
  {
    endpoint,
    credentials,
    region,
  }: { endpoint: string; region: string; credentials: Parameters<typeof sign>[1]["credentials"] },
  request: Omit<SignedRequest, "host">,
  service = "s3",
): Promise<RawAnswer> {
  const { host } = new URL(endpoint);
  const headers = sign({ ...request, host }, { service, region, credentials, now: new Date() });
  const body = Buffer.from(request.body ?? "");
  const lines = Object.entries({ ...headers, "content-length": String(body.length), connection: "close" });
  const query = request.query && `?${new URLSearchParams(request.query).toString()}`;
  const head = `${request.method} ${request.path}${query ?? ""} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return sendRaw(endpoint, Buffer.concat([Buffer.from(head, "latin1"), body]));
}

function toAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  return { status, head: end < 0 ? text : text.slice(0, end), body: end < 0 ? "" : text.slice(end + 4) };
}
