// A load generator on bare sockets: each connection has one request in flight. Reads its orders from standard input,
// writes one JSON line. With `once` each request is sent one time, else again and again for `duration`. Takes a third of the time that node:http needs to ask, so that the server is what is measured.
import { connect } from "node:net";
import { text } from "node:stream/consumers";

const { host, port, connections, warmUp, duration, once, requests } = JSON.parse(await text(process.stdin));
const pool = requests.map((request) => Buffer.from(request, "base64"));
const LENGTH = /\r\ncontent-length: *(\d+)/i;

const latencies = new Float64Array(4_000_000);
let [count, answered, failures, next, inFlight, counting, stopped] = [0, 0, 0, 0, 0, false, false];
let firstFailure;
let allAnswered = () => {};

counting = once === true;
let [began, cpu] = [performance.now(), process.cpuUsage()];
const finished = new Promise((resolve) => (allAnswered = resolve));
await Promise.all(Array.from({ length: connections }, open));
if (once) await finished;
else {
  await sleep(warmUp);
  counting = true;
  [began, cpu] = [performance.now(), process.cpuUsage()];
  await sleep(duration);
}
counting = false;
const elapsed = performance.now() - began;
const { user, system } = process.cpuUsage(cpu);
stopped = true;
// What a server has taken it works on to the end: left behind, it would be charged to whoever is measured next.
if (inFlight > 0) await finished;
const sorted = latencies.slice(0, Math.min(count, latencies.length)).sort();
const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
console.log(
  JSON.stringify({
    rate: (count / elapsed) * 1000,
    p50: at(0.5),
    p99: at(0.99),
    answered,
    failures,
    firstFailure,
    busy: (user + system) / 1000 / elapsed,
  }),
);
process.exit(0);

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      resolve();
      ask();
    });
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => {
      if (stopped) return allAnswered();
      fail("the connection was closed");
      allAnswered();
    });
    let sent = 0;
    let [rest, needed] = [undefined, 0];
    const ask = () => {
      if (once && next >= pool.length) return answered >= pool.length && allAnswered();
      sent = performance.now();
      inFlight++;
      socket.write(pool[next++ % pool.length]);
    };
    socket.on("data", (chunk) => {
      let data = chunk;
      if (rest) {
        rest.push(chunk);
        if (rest.reduce((sum, part) => sum + part.length, 0) < needed) return;
        data = Buffer.concat(rest);
      }
      const head = data.indexOf("\r\n\r\n");
      if (head >= 0) needed = head + 4 + Number(LENGTH.exec(data.latin1Slice(0, head))?.[1] ?? 0);
      if (head < 0 || data.length < needed) {
        rest = [data];
        return;
      }
      [rest, needed] = [undefined, 0];
      answered++;
      inFlight--;
      if (counting && count < latencies.length) latencies[count++] = performance.now() - sent;
      // "HTTP/1.1 2"
      if (data[9] !== 0x32) fail(data.toString("utf8", 0, 600));
      if (!stopped) ask();
      else if (inFlight === 0) allAnswered();
    });
  });
}

function fail(why) {
  failures++;
  firstFailure ??= why;
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
