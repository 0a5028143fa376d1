/** How numbers with a unit are written: the text of a regular expression in JavaScript, Python (cauce_units.py) and the database alike. */
export interface NumberFormat {
  readonly unit: string;
  readonly decimal: "." | ",";
}

const BLANK = "[ \u00a0\u202f]?";
const SPACED = "[ \u00a0\u202f'’]";

/** A number without a sign before it. */
export function figurePattern(decimal: "." | ","): string {
  const [point, group] = decimal === "." ? ["[.]", ","] : [",", "[.]"];
  const grouped = `[1-9][0-9]{0,2}(?:(?:${group}[0-9]{3})+|(?:${SPACED}[0-9]{3})+)(?:${point}[0-9]+)?`;
  return `(?:[0-9]+(?:${point}[0-9]*)?|${point}[0-9]+|${grouped})`;
}

/** Before or after its unit, perhaps in brackets, as accountants write what is below zero. */
export function unitedPattern(unit: string, figure: string): string {
  const before = `${unit}${BLANK}${figure}`;
  const after = `${figure}${BLANK}${unit}`;
  return [
    `[+-]?${BLANK}${before}`,
    `${unit}${BLANK}[+-]${figure}`,
    `[+-]?${BLANK}${after}`,
    `[(](?:${before}|${after})[)]`,
    `${unit}${BLANK}[(]${figure}[)]`,
    `[(]${figure}[)]${BLANK}${unit}`,
  ].join("|");
}

export function escapeUnit(unit: string): string {
  return unit.replaceAll(/[$.*+?^()[\]{}|\\]/g, String.raw`\$&`);
}

const FORMAT = /^([^#0]*)((?:#([.,'’ \u00a0\u202f])##)?0(?:([.,])(0+))?)([^#0]*)$/;

/** What a field's `format` means, such as `#.##0,00 €`; undefined when it is none. */
export function numberFormat(format: string): NumberFormat | undefined {
  const [, before = "", , group, sign, , after = ""] = FORMAT.exec(format) ?? [];
  const unit = (before === "" ? after : before).replaceAll(/[ \u00a0\u202f]/g, "");
  if (unit === "" || (before !== "" && after !== "") || (sign !== undefined && sign === group)) return undefined;
  return { unit, decimal: sign === "," || group === "." ? "," : "." };
}

/** What an error says was expected: the bare number, then as the table writes it. */
export function expectedNumber(format: string): string {
  const [, before = "", , group, sign, zeros = "", after = ""] = FORMAT.exec(format) ?? [];
  const bare = `${group === undefined ? "12" : "1234"}${sign === undefined ? "" : ".5"}`;
  const whole = group === undefined ? "12" : `1${group}234`;
  const rest = sign === undefined ? "" : `${sign}${"5".padEnd(zeros.length, "0")}`;
  return `a number such as ${bare} or ${before}${whole}${rest}${after}`;
}

/** Reads a text with the unit; undefined when it is another. */
export function compileUnited(format: string): (text: string) => number | undefined {
  const { unit, decimal } = numberFormat(format) ?? { unit: format, decimal: "." };
  const expression = new RegExp(`^(?:${unitedPattern(escapeUnit(unit), figurePattern(decimal))})$`);
  const group = decimal === "." ? "," : ".";
  return (text) => {
    if (!expression.test(text)) return undefined;
    const digits = text
      .replace(unit, "")
      .replaceAll(/[()+\- \u00a0\u202f'’]/g, "")
      .replaceAll(group, "");
    const number = Number(digits.replace(",", "."));
    return /[(-]/.test(text) ? -number : number;
  };
}
