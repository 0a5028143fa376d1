// The next start after a kill, and all that must then be true.
import { setTimeout as sleep } from "node:timers/promises";
import { disk, holds, settled, strangers } from "./checks.mjs";
import { clientsOf } from "./home.mjs";
import { alive } from "./system.mjs";

const START_SECONDS = 5;
const SETTLE_SECONDS = 20;

/** Starts the server again; answers what was wrong with it, and clients for what runs now. */
export async function recover(lane, family = []) {
  const wrong = [];
  const left = alive(family);
  if (left.length > 0)
    wrong.push(`lives on without its server: ${left.map(({ command }) => command.slice(0, 80)).join("; ")}`);
  const began = performance.now();
  const started = await lane.cauce("env", "--json");
  const seconds = (performance.now() - began) / 1000;
  if (started.code !== 0) return { wrong: [...wrong, `the server does not start: ${tail(started)}`], seconds };
  if (seconds > START_SECONDS * lane.slowness()) wrong.push(`the server took ${seconds.toFixed(1)} s to start`);
  const clients = clientsOf(started.last);
  // What the next start says of what it found.
  const told = saysKilled(started.stderr);
  wrong.push(...(await holds(SETTLE_SECONDS, () => settled(clients))));
  // Looked at again: a process that the server starts just now is not yet below it in the first list.
  wrong.push(...(await holds(3, async () => strangers(lane.home, lane.server()?.pid))));
  return { wrong, seconds, clients, told };
}

/** What a start says that follows a server which was killed. */
export const saysKilled = (said) => said.includes("ended without stopping");

/** What `status` tells, and whether it names what was interrupted. */
export async function told(lane, project) {
  const { code, stdout, stderr } = await lane.cauce("status", "--name", project);
  if (code !== 0) return [`status ends with ${code}: ${stderr.slice(-300)}`];
  const unexplained = stdout.split("\n").filter((line) => /\bFailed$|ROLLBACK_COMPLETE$|_FAILED$/.test(line.trimEnd()));
  return unexplained.map((line) => `status does not say why: ${line.trim()}`);
}

/** `up` again, and an answer at the URL. */
export async function upAgain(lane, args) {
  const ran = await lane.cauce(...args);
  // A gate may refuse a model that was made of other rows: then what was served before still answers.
  if (ran.code === 3) return answers((await lane.cauce("status", "--json")).last?.projects[0]?.url);
  if (ran.code !== 0) return [`up afterwards ends with ${ran.code}: ${tail(ran)}`];
  return answers(ran.last?.url);
}

export async function answers(url) {
  if (!url) return ["there is no URL"];
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"tenure":1}',
  });
  const text = await response.text();
  return response.status === 200 && text.includes("prediction")
    ? []
    : [`the URL answers ${response.status}: ${text.slice(0, 200)}`];
}

/** No file without a row and so on; what is swept in the background may take a moment. */
export const tidy = (lane) => holds(10, async () => disk(lane.home));

export const pause = (milliseconds) => sleep(milliseconds);

export function tail({ stdout, stderr }) {
  return `${stderr}${stdout}`.replaceAll(/\s+/g, " ").slice(-400);
}
