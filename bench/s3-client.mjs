// A client of S3 on bare sockets: the SDK's own checksums, and what node:http takes for each piece, would be measured with
// the server. One connection a request.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { signedHeaders } from "./sign.mjs";

const MIB = 1024 * 1024;

export function hashOf(chunks) {
  const sha256 = createHash("sha256");
  for (const chunk of chunks) sha256.update(chunk);
  return sha256.digest("hex");
}

/** What is answered is hashed as it comes, as every client does that checks what it got; gives its length and MD5. */
export async function send(at, method, path, { chunks = [], length = 0, payloadHash } = {}) {
  const given = payloadHash === undefined ? {} : { payloadHash };
  const signed = signedHeaders({ method, path, service: "s3", ...given }, at);
  const headers = { ...signed, "content-length": length, connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = new Answer();
  const { hostname: host, port } = new URL(at.endpoint);
  // Each piece is read into the same memory.
  const onread = { buffer: Buffer.allocUnsafe(MIB), callback: (size, buffer) => answer.take(buffer.subarray(0, size)) };
  const socket = connect({ host, port: Number(port), onread });
  const closed = once(socket, "close");
  // A refusal may come before everything is sent; `closed` tells what went wrong.
  closed.catch(() => {});
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  for (const chunk of chunks) if (!socket.write(chunk)) await Promise.race([once(socket, "drain"), closed]);
  await closed;
  return answer.end(`${method} ${path}`);
}

class Answer {
  #head = "";
  #body = createHash("md5");
  #length = 0;
  #start = "";

  take(bytes) {
    const rest = this.#head.endsWith("\r\n\r\n") ? bytes : this.#takeHead(bytes);
    if (this.#length < 1000) this.#start += rest.toString("utf8", 0, 1000);
    this.#length += rest.length;
    this.#body.update(rest);
    return true;
  }

  /** What of it is already body. */
  #takeHead(bytes) {
    const before = this.#head.length;
    const text = this.#head + bytes.toString("latin1", 0, 16_384);
    const end = text.indexOf("\r\n\r\n");
    this.#head = end < 0 ? text : text.slice(0, end + 4);
    return end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end + 4 - before);
  }

  end(asked) {
    const [, status] = /^HTTP\/1\.1 (\d+)/.exec(this.#head) ?? [];
    const announced = Number(/\r\ncontent-length: (\d+)/i.exec(this.#head)?.[1] ?? 0);
    if (!(status < 300) || announced !== this.#length) {
      throw new Error(`${asked}: ${status}, ${this.#length} of ${announced} bytes ${this.#start}`);
    }
    return { length: this.#length, md5: this.#body.digest("hex") };
  }
}
