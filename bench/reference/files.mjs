// What an object store has to do at least, in plain Node: hash, write, sync, rename, sync the folder; read and hash.
// A process of its own, so that it has the processor that the server has. Answers each message with its milliseconds.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

const CHUNK = 1024 * 1024;
const random = randomBytes(64 * CHUNK);

process.on("message", async ({ work, folder, size, count = 1, together = 1 }) => {
  const one = { write: writeHashed, read: readHashed }[work];
  const began = performance.now();
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await one(join(folder, `${size}-${i}`), size);
  };
  await Promise.all(Array.from({ length: together }, worker));
  process.send({ took: performance.now() - began });
});
process.on("disconnect", () => process.exit(0));
process.send({ ready: true });

/** MD5 for the entity tag, SHA-256 for the signature. */
async function writeHashed(file, size) {
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  const handle = await open(`${file}.new`, "w");
  for (let at = 0; at < size; at += CHUNK) {
    const from = at % random.length;
    const chunk = random.subarray(from, from + Math.min(CHUNK, size - at));
    md5.update(chunk);
    sha256.update(chunk);
    await handle.write(chunk);
  }
  md5.digest();
  sha256.digest();
  await handle.datasync();
  await handle.close();
  await rename(`${file}.new`, file);
  await syncFolder(join(file, ".."));
}

async function syncFolder(path) {
  const handle = await open(path, "r");
  await handle.sync();
  await handle.close();
}

async function readHashed(file, size) {
  const md5 = createHash("md5");
  if (size <= CHUNK) md5.update(await readFile(file));
  else for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) md5.update(chunk);
  return md5.digest("hex");
}
