import { parseCron } from "./cron.ts";
import { scheduleInvalid } from "./faults.ts";

/** When a rule fires: milliseconds since the epoch, strictly after the given moment; undefined when never again. */
export type Schedule = (after: number) => number | undefined;

/** `rate(5 minutes)` counts from `since`; `cron(0 12 * * ? *)` is in UTC. Throws AWS's fault for anything else. */
export function parseSchedule(expression: string, since: number): Schedule {
  const [, kind, inner = ""] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  const schedule = kind === "rate" ? parseRate(inner, since) : kind === "cron" ? parseCron(inner) : undefined;
  if (!schedule) throw scheduleInvalid();
  return schedule;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** AWS: the singular for 1, the plural for more. User guide, "Rate expressions". */
function parseRate(text: string, since: number): Schedule | undefined {
  const [, value = "", unit = "", plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text) ?? [];
  const count = Number(value);
  const length = UNITS[unit];
  if (length === undefined || (count === 1) !== (plural === "")) return undefined;
  const period = count * length;
  // Also before `since`: the clock may have been set back after the rule was made.
  return (after) => since + (Math.floor((after - since) / period) + 1) * period;
}
