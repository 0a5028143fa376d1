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

/** SQL: whether a text has the outline of that form, which is asked before it is parsed. */
export function looksLike(v: string, { name }: DateForm): string {
  return `regexp_matches(${v}, '^(?:${DATE_PATTERNS[name].pattern})$', 'i')`;
}

/** SQL: a text of that form as a timestamp in UTC, otherwise null. */
export function parsed(v: string, { name }: DateForm): string {
  const { order, pattern } = DATE_PATTERNS[name];
  const year = name.endsWith("yy") ? `CASE WHEN g.y < '69' THEN '20' ELSE '19' END || g.y` : "g.y";
  const month = name.includes("N") ? `list_position([${MONTHS}], lower(left(g."M", 3)))` : `g."M"`;
  const clock = `${hour(or("hour", "0"), "g.half")} || ':' || ${or("minute", "0")} || ':' || ${or("second", "0")}`;
  const text = `(${year}) || '-' || ${month} || '-' || g.d || ' ' || ${clock} || ${or("zone", "+00")} || ':' || ${or("more", "00")}`;
  const groups = [...order, "hour", "minute", "second", "half", "zone", "more"];
  const any = `(${withGroups(v, pattern, groups, `try_cast(${text} AS TIMESTAMPTZ)`)} AT TIME ZONE 'UTC')`;
  const [plain, iso] = plainDate(name);
  if (plain === undefined) return any;
  return `CASE WHEN regexp_matches(${v}, '${plain}') THEN try_cast(trim(regexp_replace(${v}, '${plain}', '${iso}')) AS TIMESTAMP) ELSE ${any} END`;
}

/** What most dates are, which takes a third of the time: digits, and an hour out of 24. */
function plainDate(name: DateFormName): readonly [plain?: string, iso?: string] {
  const [day, year] = ["([0-9]{1,2})", "([0-9]{4})"];
  const parts = { yMd: [year, day, day], dMy: [day, day, year], Mdy: [day, day, year] }[name as "yMd" | "dMy" | "Mdy"];
  if (parts === undefined) return [];
  const clock = "(?:[ T]([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?";
  const place = (letter: string): number => DATE_PATTERNS[name].order.indexOf(letter) + 1;
  return [`^${parts.join("[./-]")}${clock}$`, `\\${place("y")}-\\${place("M")}-\\${place("d")} \\4`];
}

const or = (group: string, otherwise: string): string => `coalesce(nullif(g.${group}, ''), '${otherwise}')`;

/** SQL: an expression about the groups of a pattern, `g`, which are found once; all are empty where the text is none of it. */
function withGroups(v: string, pattern: string, groups: readonly string[], sql: string): string {
  const names = groups.map((group) => `'${group}'`).join(", ");
  return `list_transform([regexp_extract(${v}, '^(?:${pattern})$', [${names}], 'i')], lambda g: ${sql})[1]`;
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
  const either = (a: string, b: string): string => `coalesce(nullif(g.${a}, ''), g.${b})`;
  const clock = `${hour(either("hour", "only"), either("half", "its"))} || ':' || ${or("minute", "0")} || ':' || ${or("second", "0")}`;
  const groups = ["hour", "minute", "second", "half", "only", "its"];
  const said = `try_cast(regexp_replace(${clock}, '^24:0*:0*$', '0:0:0') AS TIME)`;
  const digits = `try_cast(left(${v}, 2) || ':' || right(${v}, 2) AS TIME)`;
  return `CASE WHEN regexp_matches(${v}, '^[0-9]{4}$') THEN ${digits} ELSE ${withGroups(v, TIME_PATTERN, groups, said)} END`;
}
