// A client of S3 on node:http: the SDK's own checksums would be measured with the server.
import { createHash } from "node:crypto";
import { request } from "node:http";
import { Readable } from "node:stream";
import { signedHeaders } from "./sign.mjs";

export function hashOf(chunks) {
  const sha256 = createHash("sha256");
  for (const chunk of chunks) sha256.update(chunk);
  return sha256.digest("hex");
}

/** What GET answers is hashed, as every client does that checks what it got. */
export function send(at, method, path, { chunks = [], length = 0, payloadHash } = {}) {
  const given = payloadHash === undefined ? {} : { payloadHash };
  const headers = { ...signedHeaders({ method, path, service: "s3", ...given }, at), "content-length": length };
  const { hostname: host, port } = new URL(at.endpoint);
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, method, path, headers }, async (answer) => {
      const told = method === "GET" ? await hashed(answer) : await answer.toArray();
      if (answer.statusCode < 300) resolve(told);
      else reject(new Error(`${method} ${path}: ${answer.statusCode} ${told}`));
    });
    asked.on("error", reject);
    Readable.from(chunks).pipe(asked);
  });
}

async function hashed(stream) {
  const md5 = createHash("md5");
  for await (const chunk of stream) md5.update(chunk);
  return md5.digest("hex");
}
