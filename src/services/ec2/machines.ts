import { existsSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, type Kernel, type Live, type RunningProcess, sweepProcesses } from "#kernel";
import { messageOf } from "#core";
import { bootMachine, bootMark, processRecords, rootOf } from "./machine.ts";
import type { Ec2Tables, InstanceRow, InstanceState } from "./state.ts";

type Ec2Context = Context<Ec2Tables>;

/** The processes of this server's instances. They end with the server; its next start boots them again. */
const machines: Live<Map<string, RunningProcess>> = {
  name: "ec2.machines",
  create: () => new Map(),
  async dispose(running) {
    await Promise.all([...running.values()].map((one) => one.stop().catch(() => {})));
  },
};

export function updateInstance(ctx: Ec2Context, id: string, change: Partial<InstanceRow>): InstanceRow | undefined {
  const row = ctx.tables.instances.get(id);
  if (!row) return undefined;
  const changed = { ...row, ...change };
  ctx.tables.instances.put(id, changed);
  return changed;
}

function enter(ctx: Ec2Context, id: string, state: InstanceState, reason?: InstanceRow["reason"]): void {
  const { reason: _gone, ...row } = ctx.tables.instances.get(id) ?? {};
  if ("id" in row) {
    const since = ctx.now().toISOString();
    ctx.tables.instances.put(id, { ...(row as InstanceRow), state, since, ...(reason && { reason }) });
  }
}

/** pending → running, and what runs there is noticed when its boot has ended. */
export function powerOn(ctx: Ec2Context, id: string): void {
  enter(ctx, id, "pending");
  updateInstance(ctx, id, { booted: false });
  ctx.kernel.tasks.run(`ec2: boot of ${id}`, async (signal) => {
    await listening(ctx.kernel, signal);
    const row = ctx.tables.instances.get(id);
    if (row?.state !== "pending") return;
    try {
      const running = await bootMachine(ctx.kernel, row);
      ctx.kernel.live(machines).set(id, running);
      if (ctx.tables.instances.get(id)?.state !== "pending") return void (await powerOff(ctx, id));
      enter(ctx, id, "running");
      await watchBoot(ctx, id, signal);
    } catch (error) {
      if (signal.aborted) return;
      // AWS: a launch that fails ends as terminated, with the reason. "Troubleshoot instance launch issues", EC2 user guide.
      enter(ctx, id, "terminated", { code: "Server.InternalError", message: messageOf(error) });
    }
  });
}

/** Ends the instance's processes; resolves when they are gone. */
async function powerOff(ctx: Ec2Context, id: string): Promise<void> {
  const running = ctx.kernel.live(machines);
  await running
    .get(id)
    ?.stop()
    .catch(() => {});
  running.delete(id);
}

export function stopInstance(ctx: Ec2Context, id: string): void {
  enter(ctx, id, "stopping");
  ctx.kernel.tasks.run(`ec2: stop of ${id}`, async () => {
    await powerOff(ctx, id);
    enter(ctx, id, "stopped", {
      code: "Client.UserInitiatedShutdown",
      message: "Client.UserInitiatedShutdown: User initiated shutdown",
    });
  });
}

export function rebootInstance(ctx: Ec2Context, id: string): void {
  updateInstance(ctx, id, { booted: false });
  ctx.kernel.tasks.run(`ec2: reboot of ${id}`, async (signal) => {
    await powerOff(ctx, id);
    const row = ctx.tables.instances.get(id);
    if (row?.state !== "running" || signal.aborted) return;
    ctx.kernel.live(machines).set(id, await bootMachine(ctx.kernel, row));
    await watchBoot(ctx, id, signal);
  });
}

export function terminateInstance(ctx: Ec2Context, id: string, letGo: () => void): void {
  enter(ctx, id, "shutting-down");
  ctx.kernel.tasks.run(`ec2: end of ${id}`, async () => {
    await powerOff(ctx, id);
    ctx.kernel.transaction(() => {
      letGo();
      enter(ctx, id, "terminated", {
        code: "Client.UserInitiatedShutdown",
        message: "Client.UserInitiatedShutdown: User initiated shutdown",
      });
    });
    removeDisk(ctx.kernel, id);
  });
}

/** At the start of the server: what ran is booted again, what was on its way is at its end. */
export function resumeInstances(ctx: Ec2Context): void {
  const { kernel } = ctx;
  const killed = hasFiles(processRecords(kernel));
  sweepProcesses(processRecords(kernel));
  for (const { row } of ctx.tables.instances.list()) {
    if (row.state === "stopping") enter(ctx, row.id, "stopped");
    if (row.state === "shutting-down") enter(ctx, row.id, "terminated");
    if (row.state === "terminated") ctx.tables.instances.delete(row.id);
    if (row.state === "terminated" || row.state === "shutting-down") removeDisk(kernel, row.id);
    if (row.state !== "running" && row.state !== "pending") continue;
    if (killed) kernel.interrupted.push(`The instance ${row.id} ended with the server; it boots again.`);
    powerOn(ctx, row.id);
  }
}

async function listening(kernel: Kernel, signal: AbortSignal): Promise<void> {
  while (kernel.endpoint.endsWith(":0")) await sleep(10, undefined, { signal });
}

async function watchBoot(ctx: Ec2Context, id: string, signal: AbortSignal): Promise<void> {
  const running = ctx.kernel.live(machines).get(id);
  let ended = false;
  void running?.ended.catch(() => {}).then(() => (ended = true));
  // A script that ended has booted too, well or badly: the console says which.
  while (!ended && !existsSync(bootMark(ctx.kernel, id))) await sleep(100, undefined, { signal });
  updateInstance(ctx, id, { booted: true });
}

function removeDisk(kernel: Kernel, id: string): void {
  rmSync(rootOf(kernel, id), { recursive: true, force: true, maxRetries: 3 });
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
