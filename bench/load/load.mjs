import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { LOAD, pinned, processorSeconds } from "../processes.mjs";

const client = fileURLToPath(new URL("client.mjs", import.meta.url));

/** Requests per second and latencies of `address` under the same requests again and again. Any failed answer fails the bench. */
export async function load(address, requests, options = {}) {
  const { pid, connections = 32, duration = 2000, warmUp = 300, once = false } = options;
  const { hostname: host, port } = new URL(address);
  const before = pid && processorSeconds(pid);
  const child = pinned(LOAD, process.execPath, [client], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ host, port: Number(port), connections, warmUp, duration, once, requests }));
  const result = JSON.parse(await text(child.stdout));
  if (result.failures > 0) throw new Error(`${result.failures} answers failed, the first: ${result.firstFailure}`);
  // Others on the machine take a server's time, but not its processor time: `work` is requests a second of that.
  const used = before === undefined ? undefined : processorSeconds(pid) - before;
  return { ...result, work: used ? result.answered / used : result.rate };
}

/** A request as bytes, in base64. */
export function rawRequest(method, path, headers, body) {
  const lines = Object.entries({ ...headers, "content-length": Buffer.byteLength(body) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`).toString("base64");
}
