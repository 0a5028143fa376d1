export interface DateForm {
  readonly name: string;
  /** Of the text, when `/` stands for any separator of a date. */
  readonly pattern: string;
  readonly formats: readonly string[];
  /** The form that the same texts may also have. */
  readonly twin?: string;
  /** As people say it. */
  readonly says: string;
}

const AFTER = "([ T,].*)?$";
const TIMES = ["", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"];
const timed = (...dates: readonly string[]): readonly string[] =>
  dates.flatMap((date) => TIMES.map((time) => `${date}${time}`));
const form = (name: string, pattern: string, date: string, more: Pick<DateForm, "says" | "twin">): DateForm => ({
  name,
  pattern: `^${pattern}${AFTER}`,
  formats: timed(date),
  ...more,
});

const FOUR = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}";
const TWO = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}";

/** The usual forms beside ISO 8601, which is looked for first. */
export const DATE_FORMS: readonly DateForm[] = [
  form("ymd", "[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", "%Y/%m/%d", { says: "year/month/day" }),
  form("dmy", FOUR, "%d/%m/%Y", { says: "day/month/year", twin: "mdy" }),
  form("mdy", FOUR, "%m/%d/%Y", { says: "month/day/year", twin: "dmy" }),
  form("dmy2", TWO, "%d/%m/%y", { says: "day/month/year", twin: "mdy2" }),
  form("mdy2", TWO, "%m/%d/%y", { says: "month/day/year", twin: "dmy2" }),
  {
    name: "named",
    pattern: "^([0-9]{1,2}[ /][A-Za-z]{3,9}[ /,]+[0-9]{4}|[A-Za-z]{3,9} [0-9]{1,2},? [0-9]{4})([ T].*)?$",
    formats: timed("%d %b %Y", "%d %B %Y", "%d/%b/%Y", "%d/%B/%Y", "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y"),
    says: "with the month's name",
  },
];

/** SQL: a text with `/` between the parts of its date, and a blank before its time. */
export function slashed(v: string): string {
  return `regexp_replace(regexp_replace(${v}, '^([0-9]{1,4})[./-]([0-9]{1,2}|[A-Za-z]{3,9})[./-]([0-9]{1,4})', '\\1/\\2/\\3'), '^([0-9/]+)T', '\\1 ')`;
}

/** SQL: whether a text has the outline of that form, which is asked before it is parsed. */
export function looksLike(v: string, { pattern }: DateForm): string {
  return `regexp_matches(${slashed(v)}, '${pattern}')`;
}

/** SQL: a text of that form as a timestamp, otherwise null. */
export function parsed(v: string, { pattern, formats }: DateForm): string {
  const s = slashed(v);
  return `CASE WHEN regexp_matches(${s}, '${pattern}') THEN try_strptime(${s}, [${formats.map((f) => `'${f}'`).join(", ")}]) END`;
}
