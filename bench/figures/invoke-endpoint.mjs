// InvokeEndpoint, one row, signature checked, against a bare node:http echo of the same requests.
import { fileURLToPath } from "node:url";
import { load, rawRequest } from "../load/load.mjs";
import { inTurn, median, medianRatio, milliseconds, percent, perSecond } from "../numbers.mjs";
import { end, lineOf, pinned, SERVER } from "../processes.mjs";
import { signedHeaders } from "../sign.mjs";
import { churn, records, server } from "../stage.mjs";

const echoProgram = fileURLToPath(new URL("../reference/echo.mjs", import.meta.url));

export async function measure() {
  const at = await server();
  const { endpoint } = await churn();
  const path = `/endpoints/${endpoint}/invocations`;
  const requests = (await records()).map((body) => rawRequest("POST", path, headersFor(at, path, body), body));
  const echo = pinned(SERVER, process.execPath, [echoProgram], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [, port] = await lineOf(echo, /listening (\d+)/);
    const echoes = `http://127.0.0.1:${port}`;
    await load(at.endpoint, requests, { duration: 1500 });
    const { ours, theirs, alone } = await inTurn(5, {
      theirs: () => load(echoes, requests, { pid: echo.pid, duration: 1500 }),
      ours: () => load(at.endpoint, requests, { pid: at.child.pid, duration: 1500 }),
      alone: () => load(at.endpoint, requests, { duration: 400, connections: 1 }),
    });
    const rates = (all) => all.map(({ rate }) => rate);
    const works = (all) => all.map(({ work }) => work);
    const ratio = medianRatio(works(ours), works(theirs));
    const p50 = median(alone.map((one) => one.p50));
    return [
      {
        what: "InvokeEndpoint, one row, signed, 32 connections",
        value: perSecond(median(rates(ours))),
        reference: `bare node:http echo ${perSecond(median(rates(theirs)))}${clientBusy(theirs)}`,
        ratio: percent(ratio),
        budget: "≥ 50%",
        ok: ratio >= 0.5,
      },
      {
        what: "  per second of processor time",
        value: perSecond(median(works(ours))),
        reference: `bare node:http echo ${perSecond(median(works(theirs)))}`,
        ratio: `${percent(ratio)} (by the clock ${percent(medianRatio(rates(ours), rates(theirs)))})`,
      },
      {
        what: "  p50: one connection · 32",
        value: `${milliseconds(p50)} · ${milliseconds(median(ours.map((one) => one.p50)))}`,
      },
    ];
  } finally {
    await end(echo);
  }
}

function headersFor(at, path, body) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return signedHeaders({ method: "POST", path, service: "sagemaker", headers, body }, at);
}

/** A reference that waits for its client would flatter us. */
function clientBusy(results) {
  const busy = median(results.map((one) => one.busy));
  return busy > 0.9 ? ` (the client was busy for ${percent(busy)})` : "";
}
