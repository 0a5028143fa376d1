// Kills the server, a job or the client with SIGKILL at random moments, and looks whether anything was lost. `npm run bench:kill`.
//   --points 200   how many kills        --seed 1   the same moments again        --lanes 2   servers at once
//   --only up:server,put:client          only these                             --minutes 60  begins no more after
import { parseArgs } from "node:util";
import { availableParallelism, loadavg } from "node:os";
import { chance } from "./kill/chance.mjs";
import { openHome } from "./kill/home.mjs";
import { ensureUp, gone, killDuring, measure } from "./kill/projects.mjs";
import { killDuringTransform } from "./kill/transforms.mjs";
import { killDuringUpload } from "./kill/uploads.mjs";

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: "2" },
    only: { type: "string" },
    minutes: { type: "string", default: "600" },
  },
});
const points = Number(values.points);
const seed = Number(values.seed);
const only = values.only?.split(",");
const VICTIMS = {
  up: { server: 5, job: 3, cli: 2 },
  run: { server: 5, job: 3, cli: 2 },
  predict: { server: 2, cli: 1 },
  destroy: { server: 3, cli: 1 },
  put: { server: 4, client: 1 },
  multipart: { server: 4, client: 1 },
  transform: { server: 3, job: 2, cli: 1 },
};
/** Of what can be wrong afterwards: something that was acknowledged and is not there, or is there by half. */
const LOSS = /acknowledged|half|a row without its file|bytes, listed with|a part without|of \d+ answers/;
const tally = new Map();
let done = 0;

const started = performance.now();
const isOver = () => done >= points || performance.now() - started > Number(values.minutes) * 60_000;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (done = Math.max(done, points)));
await Promise.all(Array.from({ length: Number(values.lanes) }, (_, lane) => work(lane)));
print();

async function work(number) {
  const lane = { ...openHome(), slowness: () => Math.max(1, loadavg()[0] / availableParallelism()) };
  const random = chance(seed * 1000 + number);
  const books = new Map();
  let stands = false;
  try {
    const seconds = await measure(lane, random);
    while (!isOver()) {
      const what = next(random, stands);
      const victim = random.weighted(weights(what));
      const label = `${what}:${victim}`;
      done++;
      // `up` of what stands changes it; now and then it begins with nothing.
      if (stands && what === "up" && random.next() < 0.4) await gone(lane);
      if (!stands && ["run", "predict", "destroy"].includes(what)) await ensureUp(lane);
      const result = await killIn(lane, { what, victim, random, books, seconds }).catch((error) => ({
        hit: true,
        moment: 0,
        wrong: [`the bench could not go on: ${error.stack}`],
      }));
      if (victim === "server" && result.hit && result.told === false)
        result.wrong.push("the next start does not tell that the server was killed");
      if (["up", "run", "predict"].includes(what)) stands = true;
      if (what === "destroy") stands = false;
      note(label, { ...result, number });
    }
  } finally {
    await lane.close();
  }
}

function killIn(lane, point) {
  if (point.what === "put" || point.what === "multipart") return killDuringUpload(lane, point);
  if (point.what === "transform") return killDuringTransform(lane, point);
  return killDuring(lane, point);
}

function next(random, stands) {
  const usual = stands
    ? { up: 2, run: 2, predict: 2, destroy: 2, put: 2, multipart: 2, transform: 2 }
    : { up: 4, put: 1, multipart: 1, transform: 1 };
  if (!only) return random.weighted(usual);
  return random.oneOf(only).split(":")[0];
}

function weights(what) {
  const chosen = only?.filter((one) => one.startsWith(`${what}:`)).map((one) => one.split(":")[1]);
  return chosen?.length ? Object.fromEntries(chosen.map((one) => [one, 1])) : VICTIMS[what];
}

function note(label, { hit, moment, wrong, restart, told, number }) {
  const row = tally.get(label) ?? { kills: 0, late: 0, recovered: 0, told: 0, lost: 0, restarts: [] };
  tally.set(label, row);
  row.kills++;
  if (!hit) row.late++;
  if (wrong.length === 0) row.recovered++;
  if (wrong.some((one) => LOSS.test(one))) row.lost++;
  if (hit && told) row.told++;
  if (restart !== undefined && label.endsWith(":server")) row.restarts.push(restart);
  const at = hit ? `at ${(moment ?? 0).toFixed(2)} s` : "it was over already";
  process.stderr.write(`  ${wrong.length === 0 ? "✔" : "✘"} ${done}/${points} [${number}] ${label.padEnd(18)} ${at}\n`);
  for (const one of wrong) process.stderr.write(`      ${one}\n`);
}

function print() {
  const lines = [["during", "killed", "kills", "too late", "recovered", "told", "lost", "start again (median, max)"]];
  for (const [label, row] of [...tally].toSorted(([a], [b]) => a.localeCompare(b))) {
    const times = row.restarts.toSorted((a, b) => a - b);
    const again = times.length > 0 ? `${times[times.length >> 1].toFixed(2)} s, ${times.at(-1).toFixed(2)} s` : "";
    // A client that uploads is nobody whom anything could be told.
    const told = label.endsWith(":client") ? "" : `${row.told} of ${row.kills - row.late}`;
    lines.push([...label.split(":"), row.kills, row.late, row.recovered, told, row.lost, again].map(String));
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`);
  text.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  const failed = [...tally.values()].reduce((sum, row) => sum + row.kills - row.recovered, 0);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  process.stdout.write(
    `${text.join("\n")}\n\n${done} kills, ${failed} not recovered from; seed ${seed}; ${minutes} min\n`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}
