// Kills in the middle of uploads: what was acknowledged is there, with its digest; what was not is there whole, or not at all.
import { createHash } from "node:crypto";
import { pause, recover, tidy } from "./recovery.mjs";
import { kill } from "./system.mjs";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("upload-client.mjs", import.meta.url));
export const BUCKET = "kept-by-the-bench";

/** A client, as a process of its own, that says each thing before it asks and after it is acknowledged. */
export async function killDuringUpload(lane, { what, victim, random, books }) {
  const variables = (await lane.cauce("env", "--json")).last;
  const seed = random.whole(2 ** 31);
  const child = spawn(process.execPath, [CLIENT, what, String(seed), BUCKET], {
    env: { ...process.env, ...variables, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  const ended = new Promise((resolve) => child.once("close", resolve));
  while (!said.includes("ready") && child.exitCode === null) await pause(5);
  const moment = random.next() * (what === "put" ? 1 : 1.5);
  await pause(moment * 1000);
  const hit = child.exitCode === null;
  const family = victim === "server" ? await lane.killServer() : (kill(child.pid), []);
  await pause(50);
  kill(child.pid);
  await ended;
  keepBooks(books, said);
  const { wrong, clients, seconds, told } = await recover(lane, family);
  if (clients) {
    wrong.push(...(await audit(clients.s3, books)));
    await abortAll(clients.s3, wrong, books);
    wrong.push(...(await tidy(lane)));
  }
  return { hit, moment, wrong, restart: seconds, told };
}

/** `books`: of each key what it may be: the acknowledged digest, and those that were asked for after it. */
function keepBooks(books, said) {
  for (const line of said.split("\n").filter((one) => one.startsWith("{") && one.endsWith("}"))) {
    const { asks, acknowledged, key, md5 } = JSON.parse(line);
    const book = books.get(key) ?? { sure: null, maybe: new Set() };
    if (asks) book.maybe.add(md5);
    if (acknowledged) Object.assign(book, { sure: md5, maybe: new Set() });
    books.set(key, book);
  }
}

async function audit(s3, books) {
  const listed = await listAll(s3);
  const wrong = [...listed.keys()]
    .filter((key) => !books.has(key))
    .map((key) => `${key} is listed, and nobody asked for it`);
  for (const [key, book] of books) {
    const found = listed.has(key) ? await read(s3, key) : { md5: null, size: undefined };
    if (found.size !== listed.get(key)) wrong.push(`${key}: ${found.size} bytes, listed with ${listed.get(key)}`);
    if (found.md5 !== book.sure && !book.maybe.has(found.md5))
      wrong.push(`${key}: acknowledged ${book.sure}, is ${found.md5}`);
    Object.assign(book, { sure: found.md5, maybe: new Set() });
  }
  return wrong;
}

/** Of each key its size, page by page. */
async function listAll(s3, token) {
  const page = await s3.listObjectsV2({ Bucket: BUCKET, ...(token && { ContinuationToken: token }) });
  const listed = (page.Contents ?? []).map(({ Key, Size }) => [Key, Size]);
  return new Map([...listed, ...(page.NextContinuationToken ? await listAll(s3, page.NextContinuationToken) : [])]);
}

async function read(s3, Key) {
  const { Body, ETag } = await s3.getObject({ Bucket: BUCKET, Key });
  const hash = createHash("md5");
  let size = 0;
  for await (const chunk of Body) {
    hash.update(chunk);
    size += chunk.length;
  }
  const md5 = hash.digest("hex");
  if (!ETag.includes("-") && ETag !== `"${md5}"`) return { md5: `${md5}, but its ETag is ${ETag}`, size };
  return { md5, size };
}

/** The parts of an unfinished upload are still there, with their digests; then it goes. */
async function abortAll(s3, wrong) {
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket: BUCKET });
  for (const { Key, UploadId } of Uploads) {
    const { Parts = [] } = await s3.listParts({ Bucket: BUCKET, Key, UploadId });
    if (Parts.some(({ ETag, Size }) => !ETag || !Size)) wrong.push(`${Key}: a part without digest or size`);
    await s3.abortMultipartUpload({ Bucket: BUCKET, Key, UploadId });
  }
}
