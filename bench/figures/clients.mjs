// A hundred clients on the URL for a minute: no error, and memory that stays what it was after ten seconds.
import { load } from "../load/load.mjs";
import { median, megabytes, milliseconds, perSecond, times } from "../numbers.mjs";
import { family, residentBytes } from "../processes.mjs";
import { churn, server } from "../stage.mjs";
import { requestsTo } from "./url.mjs";

const CLIENTS = 100;
/** What a garbage collector's heap breathes. */
const FLAT = 1.15;

/** `seconds`: how long they ask. */
export async function measure({ seconds }) {
  const { url } = await churn();
  const { pid } = (await server()).child;
  const requests = await requestsTo(url);
  const samples = [];
  const sample = () => samples.push({ server: residentBytes(pid), children: childrenOf(pid) });
  const watch = setInterval(sample, 1000);
  const asked = { connections: CLIENTS, duration: seconds * 1000, warmUp: 0 };
  const { answered, rate, p50, p99 } = await load(url, requests, asked).finally(() => clearInterval(watch));
  // Of one minute from the tenth second, of less from its sixth part.
  const from = Math.round(seconds / 6);
  const settled = samples.slice(from);
  return [
    {
      what: `${CLIENTS} clients on the URL for ${seconds} s`,
      value: `${perSecond(rate)}, ${answered.toLocaleString("en")} answers, no error`,
      budget: "no error",
      ok: true,
    },
    { what: "  p50 · p99", value: `${milliseconds(p50)} · ${milliseconds(p99)}` },
    memoryRow(
      "the server",
      settled.map((one) => one.server),
      from,
    ),
    memoryRow(
      "its children",
      settled.map((one) => one.children),
      from,
    ),
  ];
}

function memoryRow(name, settled, from) {
  const [first, last] = [median(settled.slice(0, 5)), median(settled.slice(-5))];
  const grown = last / first;
  return {
    what: `  memory of ${name} at the end`,
    value: megabytes(last),
    reference: `after ${from} s ${megabytes(first)}`,
    ratio: times(grown),
    budget: `≤ ${times(FLAT)}`,
    ok: grown <= FLAT,
  };
}

function childrenOf(pid) {
  const members = family(pid) ?? [];
  return members.reduce((sum, one) => sum + (one.pid === pid ? 0 : residentBytes(one.pid) || 0), 0);
}
