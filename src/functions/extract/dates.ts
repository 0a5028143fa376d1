import { DATE_PATTERNS, type DateFormName, TIME_PATTERN } from "#scoring";

export interface DateForm {
  readonly name: DateFormName;
  /** The form that the same texts may also have. */
  readonly twin?: DateFormName;
  /** As people say it. */
  readonly says: string;
}

/** The usual forms beside ISO 8601, which is looked for first. The URL reads them by the same patterns. */
export const DATE_FORMS: readonly DateForm[] = [
  { name: "yMd", says: "year/month/day" },
  { name: "dMy", says: "day/month/year", twin: "Mdy" },
  { name: "Mdy", says: "month/day/year", twin: "dMy" },
  { name: "dMyy", says: "day/month/year", twin: "Mdyy" },
  { name: "Mdyy", says: "month/day/year", twin: "dMyy" },
  { name: "dNy", says: "day, month's name, year" },
  { name: "dNyy", says: "day, month's name, year" },
  { name: "Ndy", says: "month's name, day, year" },
  { name: "yyyyMMdd", says: "year, month and day without separators" },
];

const whole = (pattern: string): string => `'^(?:${pattern})$', 'i'`;

/** SQL: whether a text has the outline of that form, which is asked before it is parsed. */
export function looksLike(v: string, { name }: DateForm): string {
  return `regexp_matches(${v}, ${whole(DATE_PATTERNS[name].pattern)})`;
}

/** SQL: a text of that form as a timestamp in UTC, otherwise null. */
export function parsed(v: string, { name }: DateForm): string {
  const { order, pattern } = DATE_PATTERNS[name];
  const groups = [...order, "hour", "minute", "second", "half", "zone", "more"].map((group) => `'${group}'`);
  const part = (group: string): string =>
    `regexp_extract(${v}, '^(?:${pattern})$', [${groups.join(", ")}], 'i')."${group}"`;
  const or = (group: string, otherwise: string): string => `coalesce(nullif(${part(group)}, ''), '${otherwise}')`;
  const year = name.endsWith("yy")
    ? `CASE WHEN ${part("y")} < '69' THEN '20' ELSE '19' END || ${part("y")}`
    : part("y");
  const month = name.includes("N") ? `list_position([${MONTHS}], lower(left(${part("M")}, 3)))` : part("M");
  const date = `(${year}) || '-' || ${month} || '-' || ${part("d")}`;
  const clock = `${hour(or("hour", "0"), part("half"))} || ':' || ${or("minute", "0")} || ':' || ${or("second", "0")}`;
  const text = `${date} || ' ' || ${clock} || ${or("zone", "+00")} || ':' || ${or("more", "00")}`;
  return `CASE WHEN ${looksLike(v, { name, says: "" })} THEN try_cast(${text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END`;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
  .map((name) => `'${name}'`)
  .join(", ");

/** SQL: an hour of the day; null when it is none of half a day. */
function hour(text: string, half: string): string {
  const number = `try_cast(${text} AS INTEGER)`;
  return `(CASE WHEN ${half} = '' THEN ${text} WHEN ${number} BETWEEN 1 AND 12 THEN (${number} % 12 + CASE lower(${half}) WHEN 'p' THEN 12 ELSE 0 END)::VARCHAR END)`;
}

/** A time of day that only digits and a point are written for: 18.05, 0905. What is meant then stands in the column's name. */
export const DIGITS_OF_TIME = "^(([01]?[0-9]|2[0-3])[.][0-5][0-9]|([01][0-9]|2[0-3])[0-5][0-9])$";
export const TELLS_TIME =
  /(^|[^a-z])(time|hour|clock|uhrzeit|zeit|hora|heure|ora)s?([^a-z]|$)|[a-z](Time|Hour)([^a-z]|$)/;

/** SQL: whether a text is certainly a time of day. */
export function isTime(v: string): string {
  return `regexp_matches(${v}, '[:hHaApP]') AND (${parsedTime(v)}) IS NOT NULL`;
}

/** SQL: a text as a time of day, otherwise null. Where a day ends, the next begins. */
export function parsedTime(v: string): string {
  const part = (group: string): string =>
    `regexp_extract(${v}, ${whole(TIME_PATTERN).replace(", 'i'", "")}, ['hour', 'minute', 'second', 'half', 'only', 'its'], 'i')."${group}"`;
  const either = (a: string, b: string): string => `coalesce(nullif(${part(a)}, ''), ${part(b)})`;
  const or = (group: string): string => `coalesce(nullif(${part(group)}, ''), '0')`;
  const clock = `${hour(either("hour", "only"), either("half", "its"))} || ':' || ${or("minute")} || ':' || ${or("second")}`;
  const digits = `left(lpad(${v}, 4, '0'), 2) || ':' || right(${v}, 2)`;
  return `CASE WHEN regexp_matches(${v}, ${whole(TIME_PATTERN)}) THEN try_cast(regexp_replace(${clock}, '^24:0*:0*$', '0:0:0') AS TIME) WHEN regexp_matches(${v}, '^[0-9]{4}$') THEN try_cast(${digits} AS TIME) END`;
}
