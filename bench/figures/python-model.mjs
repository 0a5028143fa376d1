// A scikit-learn pipeline that exists already, by `cauce deploy`, against FastAPI with the same file and as many workers.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startFastApi, trained } from "../fastapi.mjs";
import { load, rawRequest } from "../load/load.mjs";
import { inTurn, median, medianRatio, milliseconds, perSecond, times } from "../numbers.mjs";
import { end, serverProcessors } from "../processes.mjs";
import { signedHeaders } from "../sign.mjs";
import { cauce, newFolder, records, server } from "../stage.mjs";
import { requestsTo } from "./url.mjs";

/** As many as an endpoint starts on those processors. */
const WORKERS = Math.min(2, serverProcessors);

export async function measure() {
  const at = await server();
  const model = await trained("pipeline.py");
  const example = join(newFolder(), "example.ndjson");
  writeFileSync(example, (await records()).join("\n"));
  const { url } = await cauce(at.home, "deploy", model, "--example", example, "--name", "bench-pipeline");
  const fastapi = await startFastApi(model, WORKERS);
  try {
    const invocations = await signedRequests(at, "/endpoints/bench-pipeline/invocations");
    const [toUrl, toFastApi] = [await requestsTo(url), await requestsTo(fastapi.url)];
    const sides = {
      theirs: () => load(fastapi.url, toFastApi, { pid: fastapi.child.pid, duration: 2500 }),
      endpoint: () => load(at.endpoint, invocations, { pid: at.child.pid, duration: 2500 }),
      url: () => load(url, toUrl, { pid: at.child.pid, duration: 2500 }),
    };
    await inTurn(1, sides);
    const results = await inTurn(3, sides);
    return [...rows("InvokeEndpoint", results.endpoint, results.theirs), ...rows("URL", results.url, results.theirs)];
  } finally {
    await end(fastapi.child);
  }
}

function rows(name, ours, theirs) {
  const of = (all, member) => all.map((one) => one[member]);
  const reference = (value) => `FastAPI, the same model ${value}`;
  const ratio = medianRatio(of(ours, "work"), of(theirs, "work"));
  return [
    {
      what: `scikit-learn pipeline, ${name}, ${WORKERS} worker${WORKERS > 1 ? "s" : ""}`,
      value: perSecond(median(of(ours, "rate"))),
      reference: reference(perSecond(median(of(theirs, "rate")))),
      ratio: times(medianRatio(of(ours, "rate"), of(theirs, "rate"))),
    },
    {
      what: "  per second of processor time",
      value: perSecond(median(of(ours, "work"))),
      reference: reference(perSecond(median(of(theirs, "work")))),
      ratio: times(ratio),
      budget: "≥ 1×",
      ok: ratio >= 1,
    },
    {
      what: "  p50, 32 connections",
      value: milliseconds(median(of(ours, "p50"))),
      reference: reference(milliseconds(median(of(theirs, "p50")))),
      ratio: times(median(of(theirs, "p50")) / median(of(ours, "p50"))),
    },
  ];
}

async function signedRequests(at, path) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return (await records()).map((body) =>
    rawRequest("POST", path, signedHeaders({ method: "POST", path, service: "sagemaker", headers, body }, at), body),
  );
}
