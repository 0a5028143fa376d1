// Kills in the middle of `up`, `run` and `destroy`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readXlsx } from "hucre/xlsx";
import { answers, pause, recover, tail, tidy, told, upAgain } from "./recovery.mjs";
import { holds, leftRows } from "./checks.mjs";
import { below, kill } from "./system.mjs";

const NAME = "kill";
const TABLE = "table.csv";
const PROJECT = `export default {
  name: "${NAME}",
  data: { source: "${TABLE}", target: "Churn", ignore: ["customerID"] },
  train: { hyperparameters: { rounds: 20, refit: false } },
  evaluate: { metric: "auc", atLeast: 0.5 },
};
`;
const UP = ["up", "--json"];
const RUN = ["run", "--json"];
const DESTROY = ["destroy", "--name", NAME, "--json"];
/** What stays after a project is gone: what earlier stacks were called, roles that every account has, and the uploads' objects. */
const STAYS =
  /^cloudformation\.(stacks|events|resources|names) .*|^iam\.roles .*(aws-service-role|service-role|ready)|kept-|^s3\.buckets kept/;

const customers = fileURLToPath(new URL("../../examples/churn/data/customers.xlsx", import.meta.url));
let rows;

/** Three hundred customers, other ones for each `up` and one more for each `run`: nothing comes from a cache. */
async function newTable(lane, what, random) {
  rows ??= (await readXlsx(readFileSync(customers))).sheets[0].rows;
  const [header, ...all] = rows;
  if (what === "up") Object.assign(lane, { from: random.whole(all.length - 400), count: 300 });
  else lane.count++;
  const lines = [header, ...all.slice(lane.from, lane.from + lane.count)].map((row) =>
    row.map((cell) => cell ?? "").join(","),
  );
  writeFileSync(join(lane.work, "cauce.config.ts"), PROJECT);
  writeFileSync(join(lane.work, TABLE), `${lines.join("\n")}\n`);
}

/** How long each takes here, unharmed: the moments to kill are chosen within. */
export async function measure(lane, random) {
  const seconds = {};
  for (const [name, args] of [
    ["up", UP],
    ["run", RUN],
    ["destroy", DESTROY],
  ]) {
    if (name !== "destroy") await newTable(lane, name, random);
    const began = performance.now();
    const ran = await lane.cauce(...args);
    if (ran.code !== 0) throw new Error(`Unharmed, ${name} ends with ${ran.code}: ${tail(ran)}`);
    seconds[name] = (performance.now() - began) / 1000;
  }
  return seconds;
}

/** One kill in `what`; the project stands afterwards, except after `destroy`. */
export async function killDuring(lane, { what, victim, random, seconds }) {
  if (what !== "destroy") await newTable(lane, what, random);
  const command = lane.start(...{ up: UP, run: RUN, destroy: DESTROY }[what]);
  const moment = random.next() * seconds[what];
  const hit = await strike(lane, { victim, moment, command, random });
  const ran = await Promise.race([command.ended, pause(60_000)]);
  const wrong = [];
  if (!ran) {
    command.child.kill("SIGKILL");
    wrong.push(`${what} did not end within a minute`);
  } else if (ran.code === 2) wrong.push(`${what} calls it a bug of ours: ${tail(ran)}`);
  else if (victim !== "cli" && hit.hit && ran.code !== 0 && !ran.last?.error?.why)
    wrong.push(`${what} does not say why it ended: ${tail(ran)}`);
  const again = await recover(lane, hit.family);
  wrong.push(...again.wrong);
  if (!again.clients) return { ...hit, moment, wrong };
  wrong.push(...(await told(lane, NAME)));
  wrong.push(...(what === "destroy" ? await gone(lane) : await upAgain(lane, UP)));
  wrong.push(...(await tidy(lane)));
  return { ...hit, moment, wrong, restart: again.seconds };
}

/** Destroys what stands. */
export async function gone(lane) {
  const ran = await lane.cauce(...DESTROY);
  if (ran.code !== 0) return [`destroy ends with ${ran.code}: ${tail(ran)}`];
  return holds(5, async () => leftRows(lane.home, STAYS));
}

export const ensureUp = (lane) => upAgain(lane, UP);
export { answers };

async function strike(lane, { victim, moment, command, random }) {
  let over = false;
  void command.ended.then(() => (over = true));
  if (victim === "job") return strikeJob(lane, random, () => over);
  await pause(moment * 1000);
  if (victim === "cli") return { hit: !over && command.child.kill("SIGKILL") };
  return { hit: !over, family: await lane.killServer() };
}

/** Waits for the job's Python process: the first, second or third of this run, and some way into it. */
async function strikeJob(lane, random, isOver) {
  const seen = new Set();
  const which = 1 + random.whole(3);
  const delay = random.next() * 800;
  while (!isOver()) {
    const pid = lane.server()?.pid;
    const jobs =
      pid === undefined
        ? []
        : below(pid).filter(({ command }) => /^\S*python\S* .*(-m cauce|\/opt\/ml|cauce_)/.test(command));
    for (const job of jobs) {
      if (seen.has(job.pid)) continue;
      seen.add(job.pid);
      if (seen.size < which) continue;
      await pause(delay);
      return { hit: kill(job.pid) };
    }
    await pause(20);
  }
  return { hit: false };
}
