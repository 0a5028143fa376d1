import { describe, expect, it } from "vitest";
import { evaluate, parseExpression } from "./expression.ts";

const MINUTE = 60_000;
const series = (...values: (number | undefined)[]) =>
  new Map(values.flatMap((value, index) => (value === undefined ? [] : [[index * MINUTE, value] as const])));
const given = {
  values: new Map([
    ["a", series(1, 2, undefined, 4)],
    ["b", series(10, 0, 30)],
  ]),
  period: MINUTE,
  span: { from: 0, to: 4 * MINUTE },
};
const result = (text: string) => [...evaluate(text, given)].map(([time, value]) => [time / MINUTE, value]);

describe("metric math", () => {
  it.each([
    [
      "a + b * 2",
      [
        [0, 21],
        [1, 2],
      ],
    ],
    [
      "(a + b) * 2",
      [
        [0, 22],
        [1, 4],
      ],
    ],
    [
      "a - 1 - 1",
      [
        [0, -1],
        [1, 0],
        [3, 2],
      ],
    ],
    ["a / b", [[0, 0.1]]],
    [
      "-a",
      [
        [0, -1],
        [1, -2],
        [3, -4],
      ],
    ],
    [
      "FILL(a, 0)",
      [
        [0, 1],
        [1, 2],
        [2, 0],
        [3, 4],
      ],
    ],
    [
      "FILL(b, REPEAT)",
      [
        [0, 10],
        [1, 0],
        [2, 30],
        [3, 30],
      ],
    ],
    [
      "MAX([a, b])",
      [
        [0, 10],
        [1, 2],
        [3, 4],
        [2, 30],
      ],
    ],
    [
      "AVG(METRICS())",
      [
        [0, 5.5],
        [1, 1],
        [3, 4],
        [2, 30],
      ],
    ],
    [
      "a / SUM(a) * 7",
      [
        [0, 1],
        [1, 2],
        [3, 4],
      ],
    ],
    [
      "ceil(a / 2)",
      [
        [0, 1],
        [1, 1],
        [3, 2],
      ],
    ],
    [
      "a / PERIOD(a)",
      [
        [0, 1 / 60],
        [1, 2 / 60],
        [3, 4 / 60],
      ],
    ],
  ])("%s", (text, expected) => expect(result(text)).toEqual(expected));

  it("names the metrics that it needs", () => {
    expect(parseExpression("FILL(m1, REPEAT) + SUM([m2, e3])").names).toEqual(["m1", "m2", "e3"]);
  });

  it.each(["", "a +", "a b", "(a", "a ? b", "SUM(", "[a"])("refuses %j", (text) =>
    expect(() => evaluate(text, given)).toThrow(/Error in expression/),
  );

  it("refuses a number where a series is needed, and functions that are not built, by name", () => {
    expect(() => evaluate("SUM(a)", given)).toThrow("gives a number where a time series is needed");
    expect(() => evaluate("SEARCH(a)", given)).toThrow("the function SEARCH of metric math");
  });
});
