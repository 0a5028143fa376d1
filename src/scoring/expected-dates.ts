/** What an error says was expected of a date: the table's own form, then the one that is always taken. */
export function expectedDatetime(format: string | undefined): string {
  if (format === undefined) return "a date such as 2024-01-31 or 2024-01-31T13:45:00";
  if (format === "epoch seconds") return "a date in seconds since 1970 such as 1706708700, or 2024-01-31T13:45:00";
  if (format === "epoch milliseconds")
    return "a date in milliseconds since 1970 such as 1706708700000, or 2024-01-31T13:45:00";
  const iso = /[Hh]/.test(format.replaceAll(/'[^']*'/g, "")) ? "2024-01-31T13:45:00" : "2024-01-31";
  return `a date such as ${sampleOf(format)} (${format}) or ${iso}`;
}

export function expectedTime(format: string | undefined): string {
  const sample = format === undefined ? "13:45" : sampleOf(format);
  return sample === "13:45"
    ? "a time of day such as 13:45 or 1:45 PM"
    : `a time of day such as ${sample} (${format}) or 13:45`;
}

/** The last day of January 2024 at a quarter to two, in a format. */
const SAMPLE: Readonly<Record<string, string>> = {
  EEEE: "Wednesday",
  EEE: "Wed",
  yyyy: "2024",
  yy: "24",
  MMMM: "January",
  MMM: "Jan",
  MM: "01",
  M: "1",
  dd: "31",
  d: "31",
  HH: "13",
  H: "13",
  hh: "01",
  h: "1",
  mm: "45",
  ss: "00",
  a: "PM",
  XXX: "+00:00",
  XX: "+0000",
  X: "+00",
};
const TOKEN = /'([^']*)'|EEEE|EEE|yyyy|yy|MMMM|MMM|MM|M|dd|d|HH|H|hh|h|mm|ss|S+|a|XXX|XX|X/g;

function sampleOf(format: string): string {
  return format.replaceAll(
    TOKEN,
    (token, literal: string | undefined) => literal ?? SAMPLE[token] ?? "0".repeat(token.length),
  );
}
