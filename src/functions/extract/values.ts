/** What people write for "no value", in any column. */
const MISSING = [
  "",
  "na",
  "n/a",
  "#n/a",
  "nan",
  "null",
  "?",
  "-",
  "--",
  "<na>",
  "#value!",
  "#div/0!",
  "#ref!",
  "#null!",
  "#num!",
  "#name?",
];
/** And in columns of numbers and dates, where no word can be a value. */
const MISSING_WORDS = ["none", "nil", "missing", "unknown", "undefined", "n.a.", ".", "…", "inf", "-inf"];

const list = (words: readonly string[]): string =>
  words.map((word) => `'${word.toLowerCase().replaceAll("'", "''")}'`).join(", ");

/** SQL: a text without blanks around it. */
export const trimmed = (c: string): string => `trim(${c}, ' \t\r\n\u00a0')`;

/** SQL: a text, or null where it stands for no value. */
export function present(c: string, more: readonly string[] = []): string {
  const words = [...MISSING, ...more];
  const longest = Math.max(15, ...words.map((word) => word.length));
  return `CASE WHEN length(${c}) < ${longest + 1} AND lower(${trimmed(c)}) IN (${list(words)}) THEN NULL ELSE ${trimmed(c)} END`;
}

export const isMissingWord = (v: string): string => `lower(${v}) IN (${list(MISSING_WORDS)})`;
