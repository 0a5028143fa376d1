/** EventBridge's cron: minutes, hours, day of month, month, day of week, year; in UTC. Undefined when the text is none. */
export function parseCron(text: string): ((after: number) => number | undefined) | undefined {
  const fields = text.split(" ");
  const [minute, hour, date, month, weekday, year] = fields;
  if (fields.length !== 6 || !minute || !hour || !date || !month || !weekday || !year) return undefined;
  // AWS: one of the two days must be `?`, and only one. User guide, "Cron expressions".
  if ((date === "?") === (weekday === "?")) return undefined;
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const months = valuesOf(month, 1, 12, MONTHS);
  const years = valuesOf(year, 1970, 2199);
  const days = date === "?" ? byWeekday(weekday) : byDate(date);
  if (!minutes || !hours || !months || !years || !days) return undefined;
  return (after) => {
    const start = (Math.floor(after / MINUTE) + 1) * MINUTE;
    for (const { year: y, month: m } of monthsFrom(start, years, months)) {
      for (const day of days(y, m)) {
        if (Date.UTC(y, m - 1, day + 1) <= start) continue;
        const found = firstOfDay(Date.UTC(y, m - 1, day), start, hours, minutes);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
}

const MINUTE = 60_000;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The days of a month that fit, ascending. */
type Days = (year: number, month: number) => number[];

function* monthsFrom(start: number, years: readonly number[], months: readonly number[]) {
  const from = new Date(start);
  for (const year of years) {
    if (year < from.getUTCFullYear()) continue;
    for (const month of months) {
      if (year > from.getUTCFullYear() || month > from.getUTCMonth()) yield { year, month };
    }
  }
}

function firstOfDay(
  day: number,
  start: number,
  hours: readonly number[],
  minutes: readonly number[],
): number | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const at = day + (hour * 60 + minute) * MINUTE;
      if (at >= start) return at;
    }
  }
  return undefined;
}

/** `*`, `5`, `1-5`, `0/15`, `10-40/10`, and lists of these; names where there are any. */
function valuesOf(text: string, min: number, max: number, names: readonly string[] = []): number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const range = rangeOf(part, { min, max, names });
    if (!range) return undefined;
    for (let value = range.first; value <= range.last; value += range.by) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

function rangeOf(part: string, { min, max, names }: Bounds): { first: number; last: number; by: number } | undefined {
  const [, range, from = "", to, step] = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? [];
  const open = range === "*" || (to === undefined && step !== undefined);
  const first = range === "*" ? min : numberOf(from, min, names);
  const last = open ? max : numberOf(to ?? from, min, names);
  const by = Number(step ?? 1);
  if (first === undefined || last === undefined) return undefined;
  return by >= 1 && first >= min && last <= max && first <= last ? { first, last, by } : undefined;
}

function numberOf(text: string, min: number, names: readonly string[]): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + min;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Also `L`, the last day, and `15W`, the weekday nearest to the 15th within its month. */
function byDate(text: string): Days | undefined {
  if (text === "L") return (year, month) => [lastOf(year, month)];
  const near = /^(\d{1,2})W$/.exec(text)?.[1];
  if (near !== undefined) {
    const wanted = Number(near);
    return wanted < 1 || wanted > 31
      ? undefined
      : (year, month) => (wanted > lastOf(year, month) ? [] : [nearestWeekday(year, month, wanted)]);
  }
  const dates = valuesOf(text, 1, 31);
  return dates && ((year, month) => dates.filter((day) => day <= lastOf(year, month)));
}

/** 1 is Sunday. Also `6L`, the last Friday, and `3#2`, the second Tuesday. */
function byWeekday(text: string): Days | undefined {
  const [, name = "", last, nth] = /^(\w+?)(?:(L)|#([1-5]))$/.exec(text) ?? [];
  if (text !== "L" && (last || nth !== undefined)) {
    const wanted = numberOf(name, 1, WEEKDAYS);
    if (wanted === undefined || wanted < 1 || wanted > 7) return undefined;
    return (year, month) => {
      const days = daysWith(year, month, [wanted]);
      return last ? days.slice(-1) : days.slice(Number(nth) - 1, Number(nth));
    };
  }
  const weekdays = text === "L" ? [7] : valuesOf(text, 1, 7, WEEKDAYS);
  return weekdays && ((year, month) => daysWith(year, month, weekdays));
}

function daysWith(year: number, month: number, weekdays: readonly number[]): number[] {
  const all = Array.from({ length: lastOf(year, month) }, (_, i) => i + 1);
  return all.filter((day) => weekdays.includes(weekdayOf(year, month, day)));
}

function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day === 1 ? 3 : day - 1;
  if (weekday === 1) return day === lastOf(year, month) ? day - 2 : day + 1;
  return day;
}

function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lastOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
