import { DATE_PATTERNS, type DateFormName, type DatePattern, ISO, TIME_PATTERN } from "./date-patterns.ts";
import { isTime, type Moment, momentParts, partsOf } from "./moment.ts";

/** The parts of a value in the order of its kind's encodings, null when it is missing, undefined when it is no such value. */
export type Parts = (value: unknown) => readonly number[] | null | undefined;

const EPOCH: Readonly<Record<string, number>> = { "epoch seconds": 1000, "epoch milliseconds": 1 };
/** The years 1 to 9999, in milliseconds. */
const [EARLIEST, LATEST] = [-62_135_596_800_000, 253_402_300_799_999];

/** Which form a field's `format` means: `dd/MM/yyyy` is dMy. Undefined when it means none. */
export function formOf(format: string): DateFormName | undefined {
  if (format.includes("yyyyMMdd")) return "yyyyMMdd";
  const parts = format.replaceAll(/'[^']*'/g, "").match(/y+|M+|d+/g) ?? [];
  const name = parts.map((part) => (part === "yy" ? "yy" : part.startsWith("MMM") ? "N" : part[0])).join("");
  return Object.hasOwn(DATE_PATTERNS, name) ? (name as DateFormName) : undefined;
}

export function isDateFormat(format: string): boolean {
  return Object.hasOwn(EPOCH, format) || formOf(format) !== undefined;
}

/** Reads dates as ISO 8601 has them, and as the table had them. `text` makes a text of what a caller sent: trimmed. */
export function compileDatetime(format: string | undefined, text: (value: string) => string): Parts {
  const iso = compilePattern(ISO);
  const unit = format === undefined ? undefined : EPOCH[format];
  const form = format === undefined ? undefined : formOf(format);
  const own = form && compilePattern(DATE_PATTERNS[form]);
  return (value) => {
    if (value === undefined || value === null) return null;
    if (typeof value === "number") {
      if (unit !== undefined) return epochParts(value * unit);
      return form === "yyyyMMdd" && Number.isInteger(value) ? own?.(String(value)) : undefined;
    }
    if (typeof value !== "string") return undefined;
    const said = text(value);
    if (said === "") return null;
    const read = own?.(said) ?? iso(said);
    return read === undefined && unit !== undefined && EPOCH_TEXT.test(said) ? epochParts(Number(said) * unit) : read;
  };
}

const EPOCH_TEXT = /^-?[0-9]{1,15}(?:\.[0-9]+)?$/;

function epochParts(milliseconds: number): readonly number[] | undefined {
  return milliseconds >= EARLIEST && milliseconds <= LATEST ? partsOf(new Date(Math.floor(milliseconds))) : undefined;
}

function compilePattern({ order, pattern }: DatePattern): (text: string) => readonly number[] | undefined {
  const expression = new RegExp(`^${pattern}$`, "i");
  const [year, month, day] = [order.indexOf("y") + 1, order.indexOf("M") + 1, order.indexOf("d") + 1];
  return (text) => {
    const match = expression.exec(text);
    if (!match) return undefined;
    const offset = offsetOf(match[8], match[9]);
    const hour = hourOf(match[4], match[7]);
    if (offset === undefined || hour === undefined) return undefined;
    const moment: Moment = {
      year: yearOf(match[year] ?? ""),
      month: monthOf(match[month] ?? ""),
      day: Number(match[day]),
      hour,
      minute: Number(match[5] ?? 0),
      second: Number(match[6] ?? 0),
      offset,
    };
    return momentParts(moment);
  };
}

/** 69 and later are of the last century. */
function yearOf(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 69 ? 2000 : 1900);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function monthOf(text: string): number {
  return text.length > 2 ? MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1 : Number(text);
}

/** With a or p, of half a day. */
function hourOf(text: string | undefined, half: string | undefined): number | undefined {
  const hour = Number(text ?? 0);
  if (!half) return hour;
  return hour >= 1 && hour <= 12 ? (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0) : undefined;
}

function offsetOf(hours: string | undefined, minutes: string | undefined): number | undefined {
  if (hours === undefined) return 0;
  const [ahead, more] = [Number(hours.slice(1)), Number(minutes ?? 0)];
  return ahead <= 23 && more <= 59 ? (hours.startsWith("-") ? -1 : 1) * (ahead * 60 + more) : undefined;
}

/** Digits that stand for a time of day: 18.05 and 1805. */
const DOTTED = /^H{1,2}\.mm$/;
const PLAIN = /^H{1,2}mm$/;

/** Reads times of day: hour, and minutes since midnight. */
export function compileTime(format: string | undefined, text: (value: string) => string): Parts {
  const expression = new RegExp(`^${TIME_PATTERN}$`, "i");
  const plain = format !== undefined && PLAIN.test(format);
  const scale = plain ? 1 : format !== undefined && DOTTED.test(format) ? 100 : 0;
  return (value) => {
    if (value === undefined || value === null) return null;
    if (typeof value === "number") return scale === 0 ? undefined : digitParts(value * scale);
    if (typeof value !== "string") return undefined;
    const said = text(value);
    if (said === "") return null;
    if (plain && /^[0-9]{1,4}$/.test(said)) return digitParts(Number(said));
    const match = expression.exec(said);
    if (!match) return undefined;
    const hour = hourOf(match[1] ?? match[5], match[4] ?? match[6]);
    return hour === undefined ? undefined : timeParts(hour, Number(match[2] ?? 0), Number(match[3] ?? 0));
  };
}

function digitParts(value: number): readonly number[] | undefined {
  const digits = Math.floor(value + 0.5);
  if (!(Math.abs(value - digits) < 1e-6) || digits < 0) return undefined;
  return timeParts(Math.floor(digits / 100), digits % 100, 0);
}

function timeParts(hour: number, minute: number, second: number): readonly number[] | undefined {
  if (!isTime(hour, minute, second)) return undefined;
  return [hour % 24, ((hour % 24) * 3600 + minute * 60 + second) / 60];
}
