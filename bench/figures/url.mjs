// URL → API Gateway → Lambda (Node) → endpoint, against FastAPI with a scikit-learn pipeline; each side on one processor.
import { startFastApi, trained } from "../fastapi.mjs";
import { load, rawRequest } from "../load/load.mjs";
import { inTurn, median, medianRatio, milliseconds, perSecond, times } from "../numbers.mjs";
import { end } from "../processes.mjs";
import { churn, records, server } from "../stage.mjs";

export async function measure() {
  const { url } = await churn();
  const { child } = await server();
  const fastapi = await startFastApi(await trained("train.py"));
  try {
    const ask = (address) => requestsTo(address);
    const [ours, theirs] = [await ask(url), await ask(fastapi.url)];
    await load(url, ours, { duration: 4000 });
    await load(fastapi.url, theirs, { duration: 500 });
    const results = await inTurn(5, {
      theirs: () => load(fastapi.url, theirs, { pid: fastapi.child.pid, duration: 1500 }),
      ours: () => load(url, ours, { pid: child.pid, duration: 1500 }),
      alone: () => load(url, ours, { duration: 500, connections: 1 }),
      theirsAlone: () => load(fastapi.url, theirs, { duration: 500, connections: 1 }),
    });
    return rows(results);
  } finally {
    await end(fastapi.child);
  }
}

function rows({ ours, theirs, alone, theirsAlone }) {
  const rates = (all) => all.map(({ rate }) => rate);
  const middle = (all) => median(all.map((one) => one.p50));
  const works = (all) => all.map(({ work }) => work);
  const ratio = medianRatio(works(ours), works(theirs));
  const p50 = middle(alone);
  return [
    {
      what: "URL → Lambda → endpoint, 32 connections",
      value: perSecond(median(rates(ours))),
      reference: `FastAPI + scikit-learn ${perSecond(median(rates(theirs)))}`,
      ratio: times(ratio),
      budget: "≥ 10×",
      ok: ratio >= 10,
    },
    {
      what: "  per second of processor time",
      value: perSecond(median(works(ours))),
      reference: `FastAPI + scikit-learn ${perSecond(median(works(theirs)))}`,
      ratio: `${times(ratio)} (by the clock ${times(medianRatio(rates(ours), rates(theirs)))})`,
    },
    {
      what: "  p50, one connection",
      value: milliseconds(p50),
      reference: `FastAPI + scikit-learn ${milliseconds(middle(theirsAlone))}`,
      ratio: times(middle(theirsAlone) / p50),
      budget: "< 5 ms",
      ok: p50 < 5,
    },
    {
      what: "  p50, 32 connections",
      value: milliseconds(middle(ours)),
      reference: `FastAPI + scikit-learn ${milliseconds(middle(theirs))}`,
      ratio: times(middle(theirs) / middle(ours)),
    },
  ];
}

export async function requestsTo(address) {
  const { host, pathname } = new URL(address);
  const headers = { host, "content-type": "application/json" };
  return (await records()).map((body) => rawRequest("POST", pathname, headers, body));
}
