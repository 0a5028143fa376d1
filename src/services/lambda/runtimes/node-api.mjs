// The Runtime API over one connection that stays: an answer is the question for the next invocation too.
import { connect } from "node:net";

const VERSION = "/2018-06-01/runtime";
const AND_NEXT = "Cauce-And-Next: true\r\n";

export class RuntimeApi {
  onClosed = () => {};
  #prefix;
  #socket;
  #waiting = [];
  #chunks = [];
  #size = 0;
  #needed = 0;
  #host;

  constructor(address) {
    const { host, port } = this.moveTo(address);
    this.#socket = connect(Number(port), host);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk) => this.#read(chunk));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.onClosed());
  }

  /** From now on speaks for another worker of the same server. */
  moveTo(address) {
    const [, host, port, prefix] = /^([^:/]+):(\d+)(\/.*)?$/.exec(address);
    this.#host = `${host}:${port}`;
    this.#prefix = (prefix ?? "") + VERSION;
    return { host, port };
  }

  /** What a spare process is told: its environment and its folder. */
  async assignment() {
    const { body } = await this.#send(this.#get("/cauce/assignment"));
    return JSON.parse(body);
  }

  ref() {
    this.#socket.ref();
  }

  unref() {
    this.#socket.unref();
  }

  async next() {
    const invocation = toInvocation(await this.#send(this.#get("/invocation/next")));
    // The server no longer knows this worker.
    if (invocation.requestId === undefined) process.exit(1);
    return invocation;
  }

  async answer(requestId, { body, error, type }) {
    const path = `/invocation/${requestId}/${error === undefined ? "response" : "error"}`;
    const invocation = toInvocation(await this.#send(this.#post(path, error ?? body, { type, more: AND_NEXT })));
    // A server that runs since before an update answers 202, as AWS does, and wants to be asked.
    return invocation.requestId === undefined ? this.next() : invocation;
  }

  error(requestId, body, type) {
    return this.#send(this.#post(`/invocation/${requestId}/error`, body, { type }));
  }

  initError(body, type) {
    return this.#send(this.#post("/init/error", body, { type }));
  }

  #get(path) {
    return `GET ${this.#prefix}${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`;
  }

  #post(path, body, { type, more = "" }) {
    const errorType =
      type === undefined ? "" : `Lambda-Runtime-Function-Error-Type: ${type.replace(/[^\x20-\x7e]/g, "?")}\r\n`;
    const memory = `Cauce-Max-Memory-Kb: ${process.resourceUsage().maxRSS}\r\n`;
    return `POST ${this.#prefix}${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\n${memory}${errorType}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  }

  #send(text) {
    this.#socket.write(text);
    return this.#expect();
  }

  #expect() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Every answer of the server has a Content-Length. */
  #read(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    let data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      const end = data.indexOf("\r\n\r\n");
      if (end < 0) break;
      const head = data.latin1Slice(0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      this.#needed = end + 4 + length;
      if (data.length < this.#needed) break;
      const body = data.utf8Slice(end + 4, this.#needed);
      data = data.subarray(this.#needed);
      this.#needed = 0;
      this.#waiting.shift()?.({ head, body });
    }
    this.#chunks = data.length > 0 ? [data] : [];
    this.#size = data.length;
  }
}

function toInvocation({ head, body }) {
  const headers = {};
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return {
    body,
    requestId: headers["lambda-runtime-aws-request-id"],
    deadline: Number(headers["lambda-runtime-deadline-ms"]),
    functionArn: headers["lambda-runtime-invoked-function-arn"],
    traceId: headers["lambda-runtime-trace-id"],
    clientContext: headers["lambda-runtime-client-context"],
    cognitoIdentity: headers["lambda-runtime-cognito-identity"],
  };
}
