// From spawning the server to its first signed answer, and the memory it holds when nothing is asked of it.
import { setTimeout as sleep } from "node:timers/promises";
import { inTurn, median, megabytes, milliseconds, times } from "../numbers.mjs";
import { end, lineOf, pinned, processorSeconds, residentBytes, SERVER } from "../processes.mjs";
import { signedHeaders } from "../sign.mjs";
import { newHome, startServer } from "../stage.mjs";

const BARE =
  "require('node:http').createServer((q, s) => s.end('{}')).listen(0, '127.0.0.1', function () { console.log('listening ' + this.address().port) })";

export async function measure() {
  const home = newHome();
  const seen = { memory: [], processor: [], bare: [] };
  // The first start makes the keys and the tables; people start it many times.
  await firstAnswer(home);
  const { ours, theirs } = await inTurn(7, {
    theirs: () => startBare(seen.bare),
    ours: (i) => firstAnswer(home, seen, i < 3),
  });
  const [start, resident] = [median(ours), median(seen.memory)];
  return [
    {
      what: "server start to first signed answer",
      value: milliseconds(start),
      reference: `bare node:http server ${milliseconds(median(theirs))}`,
      ratio: times(start / median(theirs)),
      budget: "< 300 ms",
      ok: start < 300,
    },
    ...processorRow(seen),
    { what: "idle memory", value: megabytes(resident), budget: "< 120 MB", ok: resident < 120 * 1024 * 1024 },
  ];
}

/** What a machine that others use does not change. */
function processorRow({ processor, bare }) {
  const [ours, theirs] = [median(processor), median(bare)];
  if (Number.isNaN(ours)) return [];
  const reference = `bare node:http server ${milliseconds(theirs)}`;
  return [{ what: "  processor time of it", value: milliseconds(ours), reference, ratio: times(ours / theirs) }];
}

/** Starts a server in `home`, asks, and ends it; gives the milliseconds to the answer. */
export async function firstAnswer(home, { memory, processor } = {}, wait = false) {
  const began = performance.now();
  const server = await startServer(home);
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const signed = signedHeaders({ method: "POST", path: "/", service: "sts", headers, body }, server);
  const answer = await fetch(server.endpoint, { method: "POST", headers: signed, body });
  if (answer.status !== 200) throw new Error(`GetCallerIdentity: ${answer.status} ${await answer.text()}`);
  const took = performance.now() - began;
  processor?.push(processorSeconds(server.child.pid) * 1000);
  if (wait) {
    await sleep(2000);
    memory.push(residentBytes(server.child.pid));
  }
  await end(server.child);
  return took;
}

async function startBare(processor) {
  const began = performance.now();
  const child = pinned(SERVER, process.execPath, ["-e", BARE], { stdio: ["ignore", "pipe", "inherit"] });
  const [, port] = await lineOf(child, /listening (\d+)/);
  await (await fetch(`http://127.0.0.1:${port}`)).text();
  const took = performance.now() - began;
  processor.push(processorSeconds(child.pid) * 1000);
  await end(child);
  return took;
}
