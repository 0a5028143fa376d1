import type { DuckDBConnection } from "@duckdb/node-api";
import { DATE_FORMS, type DateForm } from "./dates.ts";
import { type Decimal, WRITTEN } from "./numbers.ts";
import { ALMOST_ALL, type Asked, askColumns, type Counts, valuesOf } from "./questions.ts";
import type { ReadOptions } from "./readers/reader.ts";

export type ColumnType = "BIGINT" | "DOUBLE" | "BOOLEAN" | "VARCHAR" | "DATE" | "TIMESTAMP" | "TIME";

/** What a column of texts holds. */
export interface Guess {
  readonly type: ColumnType;
  /** Cells that are no numbers in a column of numbers. */
  readonly unread: number;
  /** Numbers are not written as in SQL: with this before the decimals, and perhaps with groups of thousands. */
  readonly decimal?: Decimal;
  /** What stands beside each number. */
  readonly unit?: string;
  readonly form?: DateForm;
  readonly notes: readonly string[];
}

/** What the columns hold. How one is written is decided with a look at the others: a table has one decimal sign. */
export async function guess(
  connection: DuckDBConnection,
  names: readonly string[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, Guess>> {
  const asked = await askColumns(connection, names, options, (plain) => plainType(plain) !== undefined);
  const decimal = options.decimal ?? decimalOf(asked);
  const order = options.dates ?? orderOf(asked);
  return new Map(
    asked.map((column) => {
      const { name } = column;
      const kind = options.kinds?.[name];
      const dated = kind === undefined || kind === "datetime" || kind === "time" ? column : undated(column);
      const asked = kind === undefined || kind === "number" ? dated : bare(dated);
      const found = settle(asked, options.decimals?.[name] ?? decimal, options.orders?.[name] ?? order);
      // A time of day that is a class stays what people call it.
      const named = found.type === "TIME" && name === options.target;
      const taken = found.unit === undefined || name === options.target ? found : said(found);
      return [name, named ? as("VARCHAR") : taken];
    }),
  );
}

function said(found: Guess): Guess {
  const [unit, ...notes] = found.notes;
  return { ...found, notes: [`${unit}; the URL takes it with the unit, as the table writes it, or without`, ...notes] };
}

/** A column that is said to be something else: what looks like a date there is none. */
function undated(column: Asked): Asked {
  const { plain, formatted } = column;
  const but =
    (count: Counts): Counts =>
    (test) =>
      DATED.has(test) ? 0 : count(test);
  return { ...column, plain: but(plain), ...(formatted && { formatted: but(formatted) }) };
}

/** What stands beside its numbers belongs to them. */
function bare(column: Asked): Asked {
  const { name, plain, formatted, units } = column;
  if (!units) return column;
  const none: Counts = (test) => (test in WRITTEN ? 0 : (formatted?.(test) ?? 0));
  return { name, plain, ...(formatted && { formatted: none }) };
}

const DATED: ReadonlySet<string> = new Set([
  "dates",
  "stamps",
  "clocks",
  "times",
  ...DATE_FORMS.map(({ name }) => name),
]);

const as = (type: ColumnType, unread = 0, notes: readonly string[] = []): Guess => ({ type, unread, notes });

/** What needs no second look. */
function plainType(count: Counts): Guess | undefined {
  const values = valuesOf(count);
  if (values <= 0) return as("VARCHAR");
  if (count("booleans") === count("present")) return as("BOOLEAN");
  if (count("dates") === values) return as("DATE");
  if (count("stamps") === values) return as("TIMESTAMP");
  if (count("digits") > 0 && count("integers") + count("digits") >= values) {
    return as("VARCHAR", 0, ["has whole numbers beyond 2^53, which arithmetic would round: kept as text"]);
  }
  if (count("clocks") === values && (count("zeros") > 0 || count("integers") < values))
    return as("TIME", 0, ["is read as times of day, as its name says"]);
  if (count("zeros") > 0) return as("VARCHAR");
  if (count("integers") === values) return as("BIGINT");
  const unread = values - count("numbers");
  return unread <= values * (1 - ALMOST_ALL) && count("numbers") > 1 ? as("DOUBLE", unread) : undefined;
}

function settle({ plain, formatted, units }: Asked, decimal: Decimal | undefined, order: Order | undefined): Guess {
  const values = valuesOf(plain);
  const found = plainType(plain);
  if (found) {
    const grouped = plain("dotted") > 0 && plain("dotted") + plain("integers") === values;
    const dotted = found.type === "DOUBLE" && decimal === "," && grouped;
    return dotted ? { ...found, decimal: ",", notes: ["its points are read as groups of thousands"] } : found;
  }
  if (!formatted) return as("VARCHAR");
  return (
    (units ? united(formatted, { values, units, decimal }) : writtenNumber(formatted, values, decimal)) ??
    writtenDate(formatted, values, order) ??
    writtenTime(formatted, values)
  );
}

function writtenNumber(count: Counts, values: number, decimal: Decimal | undefined): Guess | undefined {
  const own = ownDecimal(count);
  const sign = own ?? decimal ?? ".";
  const numbers = count(sign === "," ? "comma" : "point");
  const unread = values - numbers;
  if (numbers < 2 || unread > values * (1 - ALMOST_ALL)) return undefined;
  const doubt = own === undefined && decimal === undefined ? ["its commas are read as groups of thousands"] : [];
  return { ...as("DOUBLE", unread, doubt), decimal: sign };
}

interface United {
  readonly values: number;
  readonly units: readonly string[];
  readonly decimal: Decimal | undefined;
}

function united(count: Counts, { values, units, decimal }: United): Guess | undefined {
  const [unit = "", other] = units;
  if (other !== undefined)
    return as("VARCHAR", 0, [
      `is in ${units.join(" and ")}: kept as text, which one unit throughout would make a number`,
    ]);
  const told = ownDecimal(count) ?? decimal;
  // No money has three decimals: € 1.234 is more than a thousand.
  const thousands = told === undefined && !/[%‰]/.test(unit) && count("dotted") > 0 && count("comma") === values;
  const found = writtenNumber(count, values, thousands ? "," : told);
  if (!found) return undefined;
  const doubt = thousands ? "points" : told === undefined && count("grouped") > 0 ? "commas" : undefined;
  const notes = [
    `is a number in ${unit}`,
    ...(doubt === undefined ? [] : [`its ${doubt} are read as groups of thousands`]),
  ];
  return { ...found, unit, notes };
}

function ownDecimal(count: Counts): Decimal | undefined {
  const [comma, point] = [count("commaOnly"), count("pointOnly")];
  return comma > 0 && point === 0 ? "," : point > 0 && comma === 0 ? "." : undefined;
}

/** The sign that some column can only be meant with; nothing when none is certain, or two differ. */
function decimalOf(asked: readonly Asked[]): Decimal | undefined {
  const signs = new Set<Decimal>();
  for (const { plain, formatted } of asked) {
    const values = valuesOf(plain);
    if (formatted) {
      const own = ownDecimal(formatted);
      if (own && formatted(own === "," ? "comma" : "point") >= values * ALMOST_ALL) signs.add(own);
    } else if (plainType(plain)?.type === "DOUBLE" && plain("numbers") > plain("integers") + plain("dotted"))
      signs.add(".");
  }
  return signs.size === 1 ? [...signs][0] : undefined;
}

type Order = NonNullable<ReadOptions["dates"]>;

function orderOf(asked: readonly Asked[]): Order | undefined {
  for (const { plain, formatted } of asked) {
    const values = valuesOf(plain);
    for (const year of ["y", "yy"]) {
      const [day, month] = [formatted?.(`dM${year}`), formatted?.(`Md${year}`)];
      if (day === values && month !== values) return "day-first";
      if (month === values && day !== values) return "month-first";
    }
  }
  return undefined;
}

function writtenDate(count: Counts, values: number, order: Order | undefined): Guess | undefined {
  const fits = DATE_FORMS.filter(({ name }) => count(name) === values);
  const [first] = fits;
  if (!first) return undefined;
  const doubtful = fits.some(({ name }) => name === first.twin);
  // 1.2.2024 is written where the day comes first, 1/2/2024 most often where the month does.
  const wanted = order ?? (count("points") > 0 ? "day-first" : "month-first");
  const form = doubtful
    ? (fits.find(({ name }) => name.startsWith(wanted === "day-first" ? "d" : "M")) ?? first)
    : first;
  const unsure =
    doubtful && order === undefined
      ? ', though every value could be meant either way (say `data.dates: "day-first"` or "month-first")'
      : "";
  return {
    ...as(count("timed") > 0 ? "TIMESTAMP" : "DATE", 0, [
      `dates are read as ${form.says}${unsure}; the URL takes them like that, or as 2024-12-31`,
    ]),
    form,
  };
}

function writtenTime(count: Counts, values: number): Guess {
  return as(count("times") === values ? "TIME" : "VARCHAR");
}
