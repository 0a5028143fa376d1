// Kills the server, a job or the client with SIGKILL at random moments, and looks whether anything was lost. `npm run bench:kill`.
//   --points 200   how many kills        --seed 1   the same moments again        --lanes 2   servers at once
//   --only up:server,put:client          only these                             --minutes 60  begins no more after
import { parseArgs } from "node:util";
import { availableParallelism, loadavg } from "node:os";
import { chance } from "./kill/chance.mjs";
import { openHome } from "./kill/home.mjs";
import { ensureUp, gone, killDuring, measure } from "./kill/projects.mjs";
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
  destroy: { server: 3, cli: 1 },
  put: { server: 4, client: 1 },
  multipart: { server: 4, client: 1 },
};
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
      if (stands && what === "up") await gone(lane);
      if (!stands && (what === "run" || what === "destroy")) await ensureUp(lane);
      const result = await (
        what === "put" || what === "multipart"
          ? killDuringUpload(lane, { what, victim, random, books })
          : killDuring(lane, { what, victim, random, seconds })
      ).catch((error) => ({ hit: true, moment: 0, wrong: [`the bench could not go on: ${error.stack}`] }));
      if (what === "up" || what === "run") stands = true;
      if (what === "destroy") stands = false;
      note(label, { ...result, number });
    }
  } finally {
    await lane.close();
  }
}

function next(random, stands) {
  const usual = stands ? { run: 3, destroy: 3, put: 2, multipart: 2 } : { up: 4, put: 2, multipart: 2 };
  if (!only) return random.weighted(usual);
  return random.oneOf(only).split(":")[0];
}

function weights(what) {
  const chosen = only?.filter((one) => one.startsWith(`${what}:`)).map((one) => one.split(":")[1]);
  return chosen?.length ? Object.fromEntries(chosen.map((one) => [one, 1])) : VICTIMS[what];
}

function note(label, { hit, moment, wrong, restart, number }) {
  const row = tally.get(label) ?? { kills: 0, late: 0, recovered: 0, failures: [], restarts: [] };
  tally.set(label, row);
  row.kills++;
  if (!hit) row.late++;
  if (wrong.length === 0) row.recovered++;
  else row.failures.push(...wrong);
  if (restart !== undefined && label.endsWith(":server")) row.restarts.push(restart);
  const at = hit ? `at ${(moment ?? 0).toFixed(2)} s` : "it was over already";
  process.stderr.write(`  ${wrong.length === 0 ? "✔" : "✘"} ${done}/${points} [${number}] ${label.padEnd(18)} ${at}\n`);
  for (const one of wrong) process.stderr.write(`      ${one}\n`);
}

function print() {
  const lines = [["what", "killed", "kills", "too late", "recovered", "failures", "start again (median, max)"]];
  for (const [label, row] of [...tally].toSorted(([a], [b]) => a.localeCompare(b))) {
    const times = row.restarts.toSorted((a, b) => a - b);
    const again = times.length > 0 ? `${times[times.length >> 1].toFixed(2)} s, ${times.at(-1).toFixed(2)} s` : "";
    lines.push([...label.split(":"), row.kills, row.late, row.recovered, row.kills - row.recovered, again].map(String));
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
