// PUT and GET of 1 KiB, 64 MiB and 1 GiB, against writing, syncing and hashing the same bytes in plain Node; and memory.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { load, rawRequest } from "../load/load.mjs";
import { inTurn, median, medianRatio, megabytes, percent, timed } from "../numbers.mjs";
import { end, pinned, residentBytes, SERVER } from "../processes.mjs";
import { hashOf, send } from "../s3-client.mjs";
import { signedHeaders } from "../sign.mjs";
import { newFolder, server } from "../stage.mjs";

const reference = fileURLToPath(new URL("../reference/files.mjs", import.meta.url));
const MIB = 1024 * 1024;
const WRITTEN = "writing, hashing, syncing";
const READ = "reading, hashing";
const BUDGET = 0.6;

export async function measure() {
  const at = await server();
  await send(at, "PUT", "/bench");
  const files = await startFiles();
  try {
    return [
      ...(await small(at, files, 1)),
      ...(await small(at, files, 32)),
      ...(await large(at, files, 64 * MIB, 5)),
      ...(await gibibyte(at, files)),
    ];
  } finally {
    await end(files.child);
  }
}

async function large(at, files, size, repeats) {
  const chunks = chunksOf(size);
  const payloadHash = hashOf(chunks);
  const folder = newFolder();
  const sides = {
    written: () => files.ask({ work: "write", folder, size }),
    put: () => timed(() => send(at, "PUT", "/bench/object", { chunks, length: size, payloadHash })),
    read: () => files.ask({ work: "read", folder, size }),
    get: () => timed(() => send(at, "GET", "/bench/object")),
  };
  // A first time on each side is not like the others; of a gibibyte it is most of it.
  if (repeats > 2) await inTurn(1, sides);
  const results = await inTurn(repeats, sides);
  await send(at, "DELETE", "/bench/object");
  const speed = (took) => `${(size / MIB / (median(took) / 1000)).toFixed(0)} MB/s`;
  const name = size < 1024 * MIB ? `${size / MIB} MiB` : `${size / MIB / 1024} GiB`;
  return [
    row(`S3 PUT ${name}`, { ours: results.put, theirs: results.written, speed, against: WRITTEN, budget: BUDGET }),
    row(`S3 GET ${name}`, { ours: results.get, theirs: results.written, speed, against: WRITTEN, budget: BUDGET }),
    row("  against", { ours: results.get, theirs: results.read, speed, against: READ }),
  ];
}

/** With the server's memory while it goes in and out. */
async function gibibyte(at, files) {
  const before = residentBytes(at.child.pid);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, residentBytes(at.child.pid))), 20);
  const rows = await large(at, files, 1024 * MIB, 2).finally(() => clearInterval(watch));
  const grown = most - before;
  const memory = { value: megabytes(grown), budget: "< 64 MB", ok: grown < 64 * MIB };
  return [...rows, { what: "S3 memory growth, 1 GiB in and out", ...memory }];
}

/** Many objects, `together` at once. */
async function small(at, files, together) {
  const count = together === 1 ? 500 : 2000;
  const body = randomBytes(512).toString("hex");
  const folder = newFolder();
  const requests = (method, text) =>
    Array.from({ length: count }, (_, i) => {
      const path = `/bench/small/${together}/${i}`;
      return rawRequest(method, path, signedHeaders({ method, path, service: "s3", body: text }, at), text);
    });
  const [puts, gets] = [requests("PUT", body), requests("GET", "")];
  const size = body.length;
  const milliseconds = async (all) => 1000 / (await load(at.endpoint, all, { connections: together, once: true })).rate;
  const each = async (work) => (await files.ask({ work, folder, size, count, together })) / count;
  const sides = {
    written: () => each("write"),
    put: () => milliseconds(puts),
    read: () => each("read"),
    get: () => milliseconds(gets),
  };
  await inTurn(1, sides);
  const results = await inTurn(3, sides);
  const speed = (took) => `${Math.round(1000 / median(took)).toLocaleString("en")}/s`;
  const name = `1 KiB, ${together === 1 ? "one after another" : `${together} at once`}`;
  return [
    row(`S3 PUT ${name}`, { ours: results.put, theirs: results.written, speed, against: WRITTEN, budget: BUDGET }),
    row(`S3 GET ${name}`, { ours: results.get, theirs: results.written, speed, against: WRITTEN, budget: BUDGET }),
    row("  against", { ours: results.get, theirs: results.read, speed, against: READ }),
  ];
}

/** Both sides in milliseconds. */
function row(what, { ours, theirs, speed, against, budget }) {
  const ratio = medianRatio(theirs, ours);
  const told = { what, value: speed(ours), reference: `${against} ${speed(theirs)}`, ratio: percent(ratio) };
  return budget === undefined ? told : { ...told, budget: `≥ ${percent(budget)}`, ok: ratio >= budget };
}

async function startFiles() {
  const child = pinned(SERVER, process.execPath, [reference], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const answer = () =>
    new Promise((resolve, reject) => {
      const gone = (code) => reject(new Error(`The reference ended with ${code}.`));
      child.once("exit", gone);
      child.once("message", (message) => {
        child.off("exit", gone);
        resolve(message);
      });
    });
  await answer();
  const ask = async (message) => {
    child.send(message);
    return (await answer()).took;
  };
  return { child, ask };
}

/** Views of the same 64 MiB: the client must not be what takes the memory. */
function chunksOf(size) {
  const bytes = randomBytes(Math.min(size, 64 * MIB));
  return Array.from({ length: size / MIB }, (_, i) => {
    const from = (i * MIB) % bytes.length;
    return bytes.subarray(from, from + MIB);
  });
}
