import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileRequests, DATE_PATTERNS, type DateFormName, type Features } from "#scoring";
import { formatOf, orderOfFormat } from "./date-format.ts";
import { DATE_FORMS, parsed, parsedTime } from "./dates.ts";
import { literal } from "./profile.ts";

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET TimeZone = 'America/New_York'");
});
afterAll(() => connection.closeSync());

const TEXTS = [
  ["03/11/2024", "31/12/2024", "12/31/2024", "29.2.2024", "29.2.2023", "3-11-2024 14:05", "3/11/2024, 2:05 pm"],
  ["11/3/24 12:05 AM", "31/12/69", "31/12/68", "1/2/00", "2024/2/3", "2024/2/3 8:05:09.5", "2024-2-3T23:59Z"],
  [
    "3/11/2024 13:05 PM",
    "3/11/2024 0:05 am",
    "3 Nov 2024",
    "03-NOV-24",
    "3-Nov-24 10:05",
    "3rd November 2024, 14h05",
    "03NOV2024",
  ],
  ["Sun, 3 Nov 2024 23:30 -0100", "3 Sept. 2024", "3 Novem 2024", "Nov 3, 2024", "november 31, 2024"],
  ["Sunday, November 3rd 2024 9:15 p.m.", "03/Nov/2024:14:05:01 +0100", "20240229", "20230229", "20240229T2359"],
  ["20240229 235959Z", "3/11/2024 24:00", "3/11/2024 24:01", "0/1/2024", "1/13/2024", "١/2/2024", "3 ſept 2024"],
  ["3/11/2024 10:00+05", "3/11/2024 10:00 GMT", "3/11/2024 10:00:60", "10.11.2024 10.30", "", "soon"],
].flat();
const TIMES = [
  ["08:30", "8:30", "8:30:15", "08:30:15.999", "9:05 PM", "9:05pm", "9:05 p.m.", "12:00 AM", "12:00 pm", "0:05 am"],
  ["13:00 PM", "9 PM", "9pm", "21", "18.05", "18h05", "24:00", "24:00:00", "24:01", "23:59:60", "25:00", "8:60"],
  ["8:5", "", "noon", "12 am", "0 am", "7.05.30"],
].flat();

/** What a model with this one field gets to see. */
function served(kind: "datetime" | "time", format: string | undefined, encodings: readonly string[], text: string) {
  const field = { name: "x", kind, ...(format !== undefined && { format }) };
  const features = encodings.map((encoding) => ({ name: encoding, field: "x", encoding }));
  const target = { name: "y", task: "regression" as const, classes: [] };
  const document = { version: 1, source: "", fields: [field], features, ignored: [], unknownFields: "refuse", target };
  try {
    const row = [...compileRequests(document as Features).encode([{ x: text }], false)];
    return row.some(Number.isNaN) ? null : row;
  } catch {
    return null;
  }
}

async function select(sql: readonly string[]): Promise<readonly unknown[][]> {
  return (await connection.runAndReadAll(sql.join(" UNION ALL "))).getRowsJson() as unknown[][];
}

describe("what is learned from is what the URL reads", () => {
  it.each(DATE_FORMS)("$name", async (form) => {
    const rows = await select(
      TEXTS.map((text, i) => {
        const at = `(${parsed("v", form)})`;
        const parts = ["year", "month", "day"].map((part) => `date_part('${part}', ${at})::DOUBLE`);
        return `SELECT ${[...parts, `date_part('isodow', ${at})::DOUBLE - 1`, `date_part('hour', ${at})::DOUBLE`].join(", ")}, ${i} AS i FROM (SELECT ${literal(text)} AS v)`;
      }),
    );
    const own = new RegExp(`^(?:${DATE_PATTERNS[form.name].pattern})$`, "i");
    let read = 0;
    for (const [i, text] of TEXTS.entries()) {
      const row = rows.find((one) => Number(one[5]) === i)?.slice(0, 5);
      const wanted = own.test(text)
        ? served("datetime", FORMATS[form.name], ["year", "month", "day", "weekday", "hour"], text)
        : null;
      expect({ text, parts: row?.[0] === null ? null : row }).toEqual({ text, parts: wanted });
      if (wanted) read++;
    }
    expect(read).toBeGreaterThan(1);
  });

  it("times of day", async () => {
    const rows = await select(
      TIMES.map((text) => {
        const at = `(${parsedTime("v")})`;
        return `SELECT ${literal(text)}, date_part('hour', ${at})::DOUBLE, (date_part('hour', ${at}) * 3600 + date_part('minute', ${at}) * 60 + floor(date_part('second', ${at}))) / 60 FROM (SELECT ${literal(text)} AS v)`;
      }),
    );
    for (const text of TIMES) {
      const [, ...parts] = rows.find(([one]) => one === text) ?? [];
      const wanted = served("time", undefined, ["hour", "minutes"], text);
      expect({ text, parts: parts[0] === null ? null : parts }).toEqual({ text, parts: wanted && wanted.map(near) });
    }
  });
});

/** Minutes are 32-bit floats there. */
const near = (value: number): unknown => expect.closeTo(value, 3);

const FORMATS: Readonly<Record<DateFormName, string>> = {
  yMd: "yyyy/MM/dd",
  dMy: "d.M.yyyy",
  Mdy: "MM/dd/yyyy",
  dMyy: "dd/MM/yy",
  Mdyy: "M/d/yy h:mm a",
  dNy: "d MMM yyyy",
  dNyy: "dd-MMM-yy",
  Ndy: "MMMM d, yyyy",
  yyyyMMdd: "yyyyMMdd'T'HHmmss",
};

it.each([
  ["1/2/2024", "11/12/2024", "dMy", "d/M/yyyy"],
  ["01.02.2024 08:05", "11.12.2024 08:05", "dMy", "dd.MM.yyyy HH:mm"],
  ["1/2/24 8:05 AM", "11/12/24 10:05 PM", "Mdyy", "M/d/yy h:mm a"],
  ["1/2/24 8:05am", "11/12/24 10:05p.m.", "Mdyy", "M/d/yy h:mma"],
  ["3 May 2024", "30 September 2024", "dNy", "d MMMM yyyy"],
  ["03-Nov-24", "30-Nov-24", "dNyy", "dd-MMM-yy"],
  [
    "Sun, 03 Nov 2024 14:05:01.250 +0100",
    "Sun, 03 Nov 2024 14:05:01.250 +0100",
    "dNy",
    "EEE, dd MMM yyyy HH:mm:ss.SSS XX",
  ],
  ["Sunday, November 3rd 2024", "Sunday, November 13th 2024", "Ndy", "EEEE, MMMM d yyyy"],
  ["20241103T140501Z", "20241103T140501Z", "yyyyMMdd", "yyyyMMdd'T'HHmmss'Z'"],
  ["2024/1/5 8:05:00+01:00", "2024/11/15 18:05:00+01:00", "yMd", "yyyy/M/d H:mm:ssXXX"],
] as const)("%s … %s is written %s: %s", (shortest, longest, name, format) => {
  const form = DATE_FORMS.find((one) => one.name === name);
  expect(formatOf(shortest, longest, form)).toBe(format);
  // What it says is what is read: in it the URL takes the same.
  const parts = ["year", "month", "day", "weekday", "hour"];
  for (const text of [shortest, longest]) expect(served("datetime", format, parts, text)).not.toBeNull();
});

it.each([
  ["8:30", "10:30", "H:mm"],
  ["08:30:15", "10:30:15", "HH:mm:ss"],
  ["9:05 PM", "10:05 PM", "h:mm a"],
  ["9 PM", "11 PM", "h a"],
  ["8.05", "18.05", "H.mm"],
  ["0805", "1805", "HHmm"],
  ["8h05", "18h05", "H'h'mm"],
])("the time of day %s … %s is written %s", (shortest, longest, format) => {
  expect(formatOf(shortest, longest, undefined)).toBe(format);
});

it("knows which comes first", () => {
  expect(["d/M/yyyy", "MM/dd/yy", "yyyy/MM/dd", "epoch seconds"].map(orderOfFormat)).toEqual([
    "day-first",
    "month-first",
    undefined,
    undefined,
  ]);
});
