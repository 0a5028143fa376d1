import type { DuckDBConnection } from "@duckdb/node-api";
import { DATE_PATTERNS, TIME_PATTERN } from "#scoring";
import type { DateForm } from "./dates.ts";
import type { Guess } from "./guess.ts";
import { quote } from "./profile.ts";
import type { ReadOptions } from "./readers/reader.ts";
import { isUnited, unitedFormat } from "./units.ts";
import { isMissingWord, present } from "./values.ts";

/** How columns of texts write their dates and times, such as `dd/MM/yyyy HH:mm`, and numbers with a unit (docs/contracts/features.md). */
export async function formatsOf(
  connection: DuckDBConnection,
  guessed: ReadonlyMap<string, Guess>,
  options: ReadOptions,
): Promise<ReadonlyMap<string, string>> {
  const formats = new Map<string, string>();
  for (const [name, { form, type, unit, decimal = "." }] of guessed) {
    if (!form && type !== "TIME" && unit === undefined) continue;
    const cells = `SELECT ${present(quote(name), options.missing)} AS v FROM loaded`;
    const ours = unit === undefined ? "true" : isUnited("v", { unit, decimal });
    const end = (way: string): string =>
      `(SELECT v FROM (${cells}) WHERE v IS NOT NULL AND NOT ${isMissingWord("v")} AND ${ours} ORDER BY length(v) ${way}, v LIMIT 1)`;
    const answer = await connection.runAndReadAll(`SELECT ${end("ASC")} AS shortest, ${end("DESC")} AS longest`);
    const [row = {}] = answer.getRowObjectsJson();
    const [shortest, longest] = [String(row["shortest"]), String(row["longest"])];
    formats.set(
      name,
      unit === undefined ? formatOf(shortest, longest, form) : unitedFormat(longest, { unit, decimal }),
    );
  }
  return formats;
}

/** The longest text tells what there is, the shortest whether numbers have zeros before them. */
export function formatOf(shortest: string, longest: string, form: DateForm | undefined): string {
  if (!form && /^[0-9]{4}$/.test(longest)) return "HHmm";
  const pattern = form ? DATE_PATTERNS[form.name].pattern : TIME_PATTERN;
  const expression = new RegExp(`^(?:${pattern})$`, "di");
  const [long, short] = [expression.exec(longest), expression.exec(shortest)];
  if (!long?.indices) return form ? form.name : "HH:mm";
  const letters = form ? [...DATE_PATTERNS[form.name].order, ...CLOCK] : ["H", "m", "s", "a", "H", "a"];
  const half = letters.some((letter, i) => letter === "a" && (long[i + 1] ?? "") !== "");
  let format = "";
  let at = 0;
  letters.forEach((letter, i) => {
    const [from, to] = long.indices?.[i + 1] ?? [0, 0];
    if (to === from) return;
    format += literal(longest.slice(at, from)) + tokenOf(letter, long[i + 1] ?? "", short?.[i + 1], half);
    at = letter === "a" && /m/i.test(longest.slice(to, to + 2)) ? longest.toLowerCase().indexOf("m", to) + 1 : to;
    if (letter === "a" && longest[at] === ".") at++;
  });
  return format.replace("X:X", "XXX") + literal(longest.slice(at));
}

/** After the date: hour, minute, second, a or p, offset. */
const CLOCK = ["H", "m", "s", "a", "X", "XX"];

const FIXED: Readonly<Record<string, string>> = { m: "mm", s: "ss", a: "a", X: "X", XX: "X" };

function tokenOf(letter: string, text: string, short: string | undefined, half: boolean): string {
  const fixed = FIXED[letter];
  if (fixed !== undefined) return fixed;
  if (letter === "y") return text.length === 2 ? "yy" : "yyyy";
  if (letter === "M" && text.length > 2) return text.length > 4 ? "MMMM" : "MMM";
  const padded = (short || text).length === 2;
  return (letter === "H" && half ? "h" : letter).repeat(padded ? 2 : 1);
}

/** What stands between the parts. */
function literal(text: string): string {
  return text.replaceAll(/[.,][0-9]+|[A-Za-z]+/g, (word) => {
    if (/[0-9]/.test(word)) return `${word[0]}${"S".repeat(word.length - 1)}`;
    if (/^(mon|tue|wed|thu|fri|sat|sun)/i.test(word)) return word.length > 4 ? "EEEE" : "EEE";
    return /^(st|nd|rd|th)$/i.test(word) ? "" : `'${word}'`;
  });
}

/** Which comes first where a model's dates are written in digits. */
export function orderOfFormat(format: string): ReadOptions["dates"] {
  const bare = format.replaceAll(/'[^']*'/g, "");
  const [day, month] = [bare.indexOf("d"), bare.indexOf("M")];
  if (day < 0 || month < 0 || bare.startsWith("yyyy")) return undefined;
  return day < month ? "day-first" : "month-first";
}
