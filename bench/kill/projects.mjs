// Kills in the middle of `up`, `run`, `predict` and `destroy`.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readXlsx } from "hucre/xlsx";
import { answers, pause, recover, saysKilled, tail, tidy, told, upAgain } from "./recovery.mjs";
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
const ANSWERS = "answers.csv";
const PREDICT = ["predict", TABLE, "-o", ANSWERS, "--name", NAME, "--json"];
const COMMANDS = { up: UP, run: RUN, destroy: DESTROY, predict: PREDICT };
/** What stays after a project is gone: what earlier stacks were called, roles that every account has, and the uploads' objects. AWS: no operation deletes a transform job. */
const STAYS =
  /^cloudformation\.(stacks|events|resources|names) .*|^iam\.roles .*(aws-service-role|service-role|ready)|kept-|^s3\.buckets kept|^sagemaker\.(transformJobs|tags) \S*kill-predict-/;

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
  for (const [name, args] of Object.entries({ up: UP, run: RUN, predict: PREDICT, destroy: DESTROY })) {
    if (name === "up" || name === "run") await newTable(lane, name, random);
    const began = performance.now();
    const ran = await lane.cauce(...args);
    if (ran.code !== 0) throw new Error(`Unharmed, ${name} ends with ${ran.code}: ${tail(ran)}`);
    seconds[name] = (performance.now() - began) / 1000;
  }
  return seconds;
}

/** One kill in `what`; the project stands afterwards, except after `destroy`. */
export async function killDuring(lane, { what, victim, random, seconds }) {
  if (what === "up" || what === "run") await newTable(lane, what, random);
  rmSync(join(lane.work, ANSWERS), { force: true });
  const command = lane.start(...COMMANDS[what]);
  const moment = random.next() * seconds[what];
  const hit = await strike(lane, { victim, moment, command, random });
  const ran = await Promise.race([command.ended, pause(60_000)]);
  if (!ran) command.child.kill("SIGKILL");
  const wrong = endedBadly(what, ran, victim !== "cli" && hit.hit);
  const again = await recover(lane, hit.family);
  wrong.push(...again.wrong);
  if (!again.clients) return { ...hit, moment, wrong };
  wrong.push(...(await told(lane, NAME)));
  wrong.push(...(await repeat(lane, what)));
  wrong.push(...(await tidy(lane)));
  // Killed before the command needed it, the next start is the command's own.
  const tells = again.told || saysKilled(ran?.stderr ?? "");
  return { ...hit, moment, wrong, restart: again.seconds, told: victim === "server" ? tells : !unsaid(wrong) };
}

function endedBadly(what, ran, wasHit) {
  if (!ran) return [`${what} did not end within a minute`];
  if (ran.code === 2) return [`${what} calls it a bug of ours: ${tail(ran)}`];
  return wasHit && ran.code !== 0 && !ran.last?.error?.why ? [`${what} does not say why it ended: ${tail(ran)}`] : [];
}

/** The same again, which must now end as it should. */
async function repeat(lane, what) {
  if (what === "destroy") return gone(lane);
  if (what !== "predict") return upAgain(lane, UP);
  const wrong = existsSync(join(lane.work, ANSWERS)) ? wholeAnswers(lane) : [];
  const ran = await lane.cauce(...PREDICT);
  return [
    ...wrong,
    ...(ran.code === 0 ? wholeAnswers(lane) : [`predict afterwards ends with ${ran.code}: ${tail(ran)}`]),
  ];
}

/** The file is written whole or not at all. */
function wholeAnswers(lane) {
  const lines = readFileSync(join(lane.work, ANSWERS), "utf8").trim().split("\n").length;
  return lines === lane.count + 1 ? [] : [`${ANSWERS} is half there: ${lines - 1} of ${lane.count} rows`];
}

const unsaid = (wrong) => wrong.some((one) => one.includes("does not say"));

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
