/** What a text of a date looks like; letters are of any case. The groups: three parts of the date, hour, minute, second, a or p, hours and minutes of the offset. */
export interface DatePattern {
  /** Which parts the first three groups are. */
  readonly order: string;
  readonly pattern: string;
}

const DAY = "([0-9]{1,2})";
const YEAR = "([0-9]{4})";
const SHORT = "([0-9]{2})";
const NAME =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[,.]? )?";
const ORDINAL = "(?:st|nd|rd|th|[.])?";

const CLOCK = "([0-9]{1,2})[:.h]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([ap])[.]?m[.]?)?";
const ZONE = "(?: ?(?:Z|UTC|GMT|([+-][0-9]{2}):?([0-9]{2})?))?";

const numeric = (a: string, b: string, c: string): string => `${a}[./-]${b}[./-]${c}(?:(?:,? +|T)${CLOCK}${ZONE})?`;
const dayFirst = (year: string): string =>
  `${WEEKDAY}${DAY}${ORDINAL}[ /-]?${NAME}[.]?[ ,/-]{0,2}${year}(?:(?:,? +|T|:)${CLOCK}${ZONE})?`;

/** 2024-01-31, 2024-01-31T13:45:00Z: taken of every model. */
export const ISO: DatePattern = {
  order: "yMd",
  pattern: `([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.][0-9]+)?)?()${ZONE})?`,
};

/** The usual forms besides, by what is written first; N is a month's name, yy a year of two digits. */
export const DATE_PATTERNS = {
  yMd: { order: "yMd", pattern: numeric(YEAR, DAY, DAY) },
  dMy: { order: "dMy", pattern: numeric(DAY, DAY, YEAR) },
  Mdy: { order: "Mdy", pattern: numeric(DAY, DAY, YEAR) },
  dMyy: { order: "dMy", pattern: numeric(DAY, DAY, SHORT) },
  Mdyy: { order: "Mdy", pattern: numeric(DAY, DAY, SHORT) },
  dNy: { order: "dMy", pattern: dayFirst(YEAR) },
  dNyy: { order: "dMy", pattern: dayFirst(SHORT) },
  Ndy: {
    order: "Mdy",
    pattern: `${WEEKDAY}${NAME}[.]? ?${DAY}(?:st|nd|rd|th)?(?:, ?| )${YEAR}(?:(?:,? +|T)${CLOCK}${ZONE})?`,
  },
  /** Without separators: 20240131, 20240131T134500. */
  yyyyMMdd: {
    order: "yMd",
    pattern: `([0-9]{4})([0-9]{2})([0-9]{2})(?:[T ]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.][0-9]+)?)?()${ZONE})?`,
  },
} satisfies Readonly<Record<string, DatePattern>>;

export type DateFormName = keyof typeof DATE_PATTERNS;

/** Of a time of day: hour, minute, second, a or p; or an hour and a or p. */
export const TIME_PATTERN = `(?:${CLOCK}|([0-9]{1,2}) ?([ap])[.]?m[.]?)`;
