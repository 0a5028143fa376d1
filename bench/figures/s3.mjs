// PUT and GET of 64 MiB, against writing, syncing and hashing the same bytes in plain Node; memory for 1 GB.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { inTurn, median, medianRatio, megabytes, percent, timed } from "../numbers.mjs";
import { residentBytes } from "../processes.mjs";
import { signedHeaders } from "../sign.mjs";
import { newFolder, server } from "../stage.mjs";

const SIZE = 64 * 1024 * 1024;
const CHUNK = 1024 * 1024;

export async function measure() {
  const at = await server();
  const bytes = randomBytes(SIZE);
  const payloadHash = createHash("sha256").update(bytes).digest("hex");
  const file = join(newFolder(), "object");
  await send(at, "PUT", "/bench");
  const chunks = Array.from({ length: SIZE / CHUNK }, (_, i) => bytes.subarray(i * CHUNK, (i + 1) * CHUNK));
  const put = () => timed(() => send(at, "PUT", "/bench/object", { chunks, length: SIZE, payloadHash }));
  const get = () => timed(() => send(at, "GET", "/bench/object"));
  await put();
  await writeHashed(file, chunks);
  const results = await inTurn(5, {
    written: () => timed(() => writeHashed(file, chunks)),
    put,
    read: () => timed(() => readHashed(file)),
    get,
  });
  return [
    row("S3 PUT 64 MiB", results.put, results.written, "writing, hashing, syncing"),
    row("S3 GET 64 MiB", results.get, results.written, "writing, hashing, syncing"),
    told("  against", results.get, results.read, "reading, hashing"),
    await memoryRow(at, chunks),
  ];
}

function row(what, ours, theirs, name) {
  return { ...told(what, ours, theirs, name), budget: "≥ 60%", ok: medianRatio(theirs, ours) >= 0.6 };
}

function told(what, ours, theirs, name) {
  const speed = (took) => `${(SIZE / 1024 / 1024 / (median(took) / 1000)).toFixed(0)} MB/s`;
  const ratio = percent(medianRatio(theirs, ours));
  return { what, value: speed(ours), reference: `${name} ${speed(theirs)}`, ratio };
}

async function memoryRow(at, chunks) {
  const before = residentBytes(at.child.pid);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, residentBytes(at.child.pid))), 20);
  const sixteen = Array.from({ length: 16 }, () => chunks).flat();
  await send(at, "PUT", "/bench/large", { chunks: sixteen, length: SIZE * 16, payloadHash: "UNSIGNED-PAYLOAD" });
  await send(at, "GET", "/bench/large");
  clearInterval(watch);
  await send(at, "DELETE", "/bench/large");
  const grown = most - before;
  return {
    what: "S3 memory growth, 1 GB in and out",
    value: megabytes(grown),
    budget: "< 64 MB",
    ok: grown < 64 * 1024 * 1024,
  };
}

/** What an object store has to do at least: MD5 for the entity tag, SHA-256 for the signature, sync, rename. */
async function writeHashed(file, chunks) {
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  const handle = await open(`${file}.new`, "w");
  for (const chunk of chunks) {
    md5.update(chunk);
    sha256.update(chunk);
    await handle.write(chunk);
  }
  md5.digest();
  sha256.digest();
  await handle.sync();
  await handle.close();
  await rename(`${file}.new`, file);
}

async function readHashed(file) {
  await hashed(createReadStream(file, { highWaterMark: CHUNK }));
}

/** Both sides hash what they read, with the same hash. */
async function hashed(stream) {
  const md5 = createHash("md5");
  for await (const chunk of stream) md5.update(chunk);
  return md5.digest("hex");
}

function send(at, method, path, { chunks = [], length = 0, payloadHash } = {}) {
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
