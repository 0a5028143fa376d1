/** How numbers are written. */
export type Decimal = "," | ".";

const SIGN = "^[+-]?";
const GROUPS = "[1-9][0-9]{0,2}";
const BLANK = "[ \u00a0\u202f'’]";

export const INTEGER = `${SIGN}(0|[1-9][0-9]{0,17})$`;
export const NUMBER = `${SIGN}((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$`;
/** 1.234.567, or 1.234 where a comma begins the decimals. */
export const DOTTED = `${SIGN}${GROUPS}([.][0-9]{3})+$`;

/** Asked of columns that are no plain numbers. */
export const WRITTEN: Readonly<Record<string, string>> = {
  comma: `${SIGN}((0|[1-9][0-9]*)(,[0-9]*)?([eE][+-]?[0-9]{1,3})?|${GROUPS}([.][0-9]{3})+(,[0-9]+)?|${GROUPS}(${BLANK}[0-9]{3})+(,[0-9]+)?)$`,
  point: `${SIGN}((0|[1-9][0-9]*)([.][0-9]*)?([eE][+-]?[0-9]{1,3})?|[.][0-9]+|${GROUPS}(,[0-9]{3})+([.][0-9]+)?|${GROUPS}(${BLANK}[0-9]{3})+([.][0-9]+)?)$`,
  /** Can only be meant with a decimal comma. */
  commaOnly: `${SIGN}(0,[0-9]+|[0-9]+,([0-9]{1,2}|[0-9]{4,})|[0-9]{4,},[0-9]+|${GROUPS}([.][0-9]{3})+,[0-9]+|${GROUPS}([.][0-9]{3}){2,}|${GROUPS}(${BLANK}[0-9]{3})+,[0-9]+)$`,
  /** Can only be meant with a decimal point. */
  pointOnly: `${SIGN}(0[.][0-9]+|[.][0-9]+|[0-9]+[.]([0-9]{1,2}|[0-9]{4,})|${GROUPS}(,[0-9]{3})+[.][0-9]+|${GROUPS}(,[0-9]{3}){2,}|${GROUPS}(${BLANK}[0-9]{3})+[.][0-9]+)$`,
};

/** SQL: such a text as a number is written in SQL. */
export function plainNumber(v: string, decimal: Decimal): string {
  const bare = `regexp_replace(${v}, '[ \u00a0\u202f''’${decimal === "," ? "." : ","}]', '', 'g')`;
  return decimal === "," ? `replace(${bare}, ',', '.')` : bare;
}
