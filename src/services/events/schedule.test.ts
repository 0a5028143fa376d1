import { describe, expect, it } from "vitest";
import { parseSchedule } from "./schedule.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const show = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString().slice(0, 16));

describe("rate", () => {
  it("counts from its beginning, whatever was missed", () => {
    const every = parseSchedule("rate(5 minutes)", at("2026-01-01T00:00:30"));
    expect(show(every(at("2026-01-01T00:00:30")))).toBe("2026-01-01T00:05");
    expect(show(every(at("2026-01-01T00:05:30")))).toBe("2026-01-01T00:10");
    expect(show(every(at("2026-01-01T12:03:00")))).toBe("2026-01-01T12:05");
    expect(show(parseSchedule("rate(1 day)", 0)(0))).toBe("1970-01-02T00:00");
  });

  it("goes on when the clock is set back to before it was made", () => {
    const every = parseSchedule("rate(5 minutes)", at("2026-01-01T00:00:30"));
    expect(show(every(at("2025-01-01T12:03:00")))).toBe("2025-01-01T12:05");
  });
});

describe("cron", () => {
  const cases: readonly [expression: string, after: string, ...next: (string | undefined)[]][] = [
    ["0 12 * * ? *", "2026-01-01T12:00:00", "2026-01-02T12:00", "2026-01-03T12:00"],
    ["0/15 8-9 ? * MON-FRI *", "2026-01-02T09:30:00", "2026-01-02T09:45", "2026-01-05T08:00"],
    ["*/20 * * * ? *", "2026-01-01T00:00:00", "2026-01-01T00:20", "2026-01-01T00:40", "2026-01-01T01:00"],
    ["30 10 L * ? *", "2028-02-01T00:00:00", "2028-02-29T10:30", "2028-03-31T10:30"],
    ["0 0 31 * ? *", "2026-01-31T00:00:00", "2026-03-31T00:00"],
    ["0 0 1W * ? *", "2026-07-31T00:00:00", "2026-08-03T00:00", "2026-09-01T00:00"],
    ["0 0 31W * ? *", "2026-05-01T00:00:00", "2026-05-29T00:00"],
    ["0 0 ? * 3#2 *", "2026-01-01T00:00:00", "2026-01-13T00:00", "2026-02-10T00:00"],
    ["0 0 ? * 6L *", "2026-01-01T00:00:00", "2026-01-30T00:00"],
    ["0 0 ? * L *", "2026-01-01T00:00:00", "2026-01-03T00:00"],
    ["0 0 ? JAN,6 SUN *", "2026-01-25T00:00:00", "2026-06-07T00:00"],
    ["5 4 3 2 ? 2027", "2026-01-01T00:00:00", "2027-02-03T04:05", undefined],
    ["0 0 29 2 ? *", "2026-01-01T00:00:00", "2028-02-29T00:00"],
    ["10-40/10 0 1 1 ? *", "2026-01-01T00:20:00", "2026-01-01T00:30", "2026-01-01T00:40", "2027-01-01T00:10"],
  ];
  for (const [expression, after, ...expected] of cases) {
    it(expression, () => {
      const next = parseSchedule(`cron(${expression})`, 0);
      const found: (string | undefined)[] = [];
      for (let time: number | undefined = at(after); found.length < expected.length;) {
        time = next(time ?? 0);
        found.push(show(time));
      }
      expect(found).toEqual(expected);
    });
  }
});

describe("neither", () => {
  const wrong = [
    "rate(5 minute)",
    "rate(1 minutes)",
    "rate(0 minutes)",
    "rate(5  minutes)",
    "rate(1 week)",
    "every minute",
    "at(2026-01-01T00:00:00)",
    "cron(0 12 * * * *)",
    "cron(0 12 ? * ? *)",
    "cron(0 12 * * ?)",
    "cron(60 12 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 12 0 * ? *)",
    "cron(0 12 ? * 8 *)",
    "cron(0 12 ? * 2#6 *)",
    "cron(0 5-3 * * ? *)",
    "cron(a 12 * * ? *)",
  ];
  for (const expression of wrong) {
    it(expression, () =>
      expect(() => parseSchedule(expression, 0)).toThrow("Parameter ScheduleExpression is not valid."),
    );
  }
});
