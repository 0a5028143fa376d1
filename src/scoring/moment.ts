const MOMENT =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?$/;
const SHORT_MONTHS = [4, 6, 9, 11];

/** Year, month, day, weekday from Monday = 0, hour; in UTC when the text has an offset. Undefined when it is not a moment. */
export function parseMoment(text: string): readonly number[] | undefined {
  const match = MOMENT.exec(text);
  if (!match) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second, aheadHours, aheadMinutes] = [1, 2, 3, 4, 5, 6, 8, 9].map(part) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isDay(year, month, day) || !isTime(hour, minute, second) || !isTime(aheadHours, aheadMinutes, 0))
    return undefined;
  const offset = (match[7] === "+" ? 1 : -1) * (aheadHours * 60 + aheadMinutes);
  const moment = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  moment.setUTCFullYear(year, month - 1, day);
  moment.setUTCHours(hour, minute - offset);
  const weekday = (moment.getUTCDay() + 6) % 7;
  return [moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate(), weekday, moment.getUTCHours()];
}

function isTime(hour: number, minute: number, second: number): boolean {
  return hour <= 23 && minute <= 59 && second <= 59;
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 ? (leap ? 29 : 28) : SHORT_MONTHS.includes(month) ? 30 : 31;
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= length;
}
