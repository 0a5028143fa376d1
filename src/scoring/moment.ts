const SHORT_MONTHS = [4, 6, 9, 11];

/** As it stands in a text; `offset` is the minutes that it is ahead of UTC. */
export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly offset: number;
}

/** Year, month, day, weekday from Monday = 0, hour, in UTC; undefined when there is no such day or time. */
export function momentParts(moment: Moment): readonly number[] | undefined {
  const { year, month, day, hour, minute, second, offset } = moment;
  if (!isDay(year, month, day) || !isTime(hour, minute, second)) return undefined;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - offset);
  return partsOf(date);
}

export function partsOf(date: Date): readonly number[] {
  const weekday = (date.getUTCDay() + 6) % 7;
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), weekday, date.getUTCHours()];
}

/** 24:00 is where a day ends. */
export function isTime(hour: number, minute: number, second: number): boolean {
  return (hour <= 23 && minute <= 59 && second <= 59) || (hour === 24 && minute === 0 && second === 0);
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 ? (leap ? 29 : 28) : SHORT_MONTHS.includes(month) ? 30 : 31;
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= length;
}
