import { type Kernel, type Live, tableKey } from "#kernel";
import { requireDelivery } from "./delivery.ts";
import { atWork, store, toEventTime } from "./outbox.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import type { RuleRow, ScheduleRow } from "./state.ts";

/** Fires the rules that have a schedule. What was missed while the server was down is not made up for. */
export interface Scheduler {
  /** After every change of a rule: what it says now. */
  set(region: string, rule: RuleRow): void;
  remove(region: string, name: string): void;
  /** Takes up every schedule that is stored. */
  resume(): void;
  dispose(): void;
}

export function requireScheduler(kernel: Kernel): Scheduler {
  return kernel.live(definition);
}

const definition: Live<Scheduler> = {
  name: "events.scheduler",
  create: createScheduler,
  dispose: (scheduler) => scheduler.dispose(),
};

/** Timers hold about 24 days; the clock may be set meanwhile. */
const LONGEST_WAIT = 60_000;

interface Entry {
  readonly row: ScheduleRow;
  readonly schedule: Schedule;
  next: number | undefined;
}

function createScheduler(kernel: Kernel): Scheduler {
  const entries = new Map<string, Entry>();
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const now = () => kernel.clock.now().getTime();
  const table = () => atWork(kernel, kernel.settings.region).tables.schedules;

  const wait = (): void => {
    clearTimeout(timer);
    const next = Math.min(...Array.from(entries.values(), (entry) => entry.next ?? Infinity));
    if (next === Infinity) return;
    timer = setTimeout(tick, Math.min(LONGEST_WAIT, Math.max(0, next - now())));
    timer.unref();
  };

  const tick = (): void => {
    const time = now();
    const setBack = time < last - LONGEST_WAIT;
    last = time;
    for (const entry of entries.values()) {
      // By the old clock it would be due when that time comes again: in an hour, in a year.
      if (setBack) entry.next = entry.schedule(time);
      if (entry.next === undefined || entry.next > time) continue;
      const due = entry.next;
      entry.next = entry.schedule(time);
      // As a task: a failure is reported and stops neither the timer nor the other rules.
      kernel.tasks.run(`events schedule ${entry.row.ruleName}`, async () => fire(kernel, entry.row, new Date(due)));
    }
    wait();
  };

  const enter = (key: string, row: ScheduleRow): void => {
    const schedule = parseSchedule(row.expression, row.since);
    entries.set(key, { row, schedule, next: schedule(now()) });
  };

  return {
    set(region, rule) {
      const key = tableKey(region, rule.name);
      if (rule.schedule === undefined || rule.state === "DISABLED") return this.remove(region, rule.name);
      const known = entries.get(key)?.row;
      const since = known?.expression === rule.schedule ? known.since : now();
      const row = { region, ruleName: rule.name, ruleArn: rule.arn, expression: rule.schedule, since };
      table().put(key, row);
      enter(key, row);
      wait();
    },
    remove(region, name) {
      const key = tableKey(region, name);
      if (!entries.delete(key)) return;
      table().delete(key);
      wait();
    },
    resume() {
      for (const { key, row } of table().list()) enter(key, row);
      wait();
    },
    dispose: () => clearTimeout(timer),
  };
}

/** AWS: the form of a scheduled event. User guide, "Scheduled events". */
function fire(kernel: Kernel, row: ScheduleRow, due: Date): void {
  const ctx = atWork(kernel, row.region);
  store(
    ctx,
    { name: row.ruleName, arn: row.ruleArn },
    {
      version: "0",
      id: kernel.ids.uuid(),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: ctx.account,
      time: toEventTime(due),
      region: row.region,
      resources: [row.ruleArn],
      detail: {},
    },
  );
  requireDelivery(kernel).wake();
}
