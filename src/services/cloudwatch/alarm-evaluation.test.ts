import { describe, expect, it } from "vitest";
import { judge } from "./alarm-evaluation.ts";

/** As AWS writes its tables: oldest first; X breaches, 0 does not, - is missing. */
function verdicts(row: string, evaluationPeriods: number, datapointsToAlarm: number) {
  const symbols = row.split(" ").toReversed();
  const datapoints = symbols.map((symbol, index) => ({
    time: -index,
    value: symbol === "-" ? undefined : symbol === "X" ? 2 : 0,
  }));
  const rule = { period: 60_000, evaluationPeriods, datapointsToAlarm, threshold: 1, operator: "GreaterThanThreshold" };
  return ["missing", "ignore", "breaching", "notBreaching"].map(
    (treatMissing) => judge(datapoints, { ...rule, treatMissing }).state ?? "as it was",
  );
}

const missing = "INSUFFICIENT_DATA";

// AWS: the two tables of "How alarm state is evaluated when data is missing", CloudWatch user guide.
describe("an alarm", () => {
  it.each([
    ["0 - X - X", ["OK", "OK", "OK", "OK"]],
    ["- - - - 0", ["OK", "OK", "OK", "OK"]],
    ["- - - - -", [missing, "as it was", "ALARM", "OK"]],
    ["0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["- - X - -", ["ALARM", "as it was", "ALARM", "OK"]],
  ])("of 3 out of 3, with %s", (row, expected) => expect(verdicts(row, 3, 3)).toEqual(expected));

  it.each([
    ["0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 - X - -", ["OK", "OK", "ALARM", "OK"]],
    ["- - - - 0", ["OK", "OK", "ALARM", "OK"]],
    ["- - - X -", ["ALARM", "as it was", "ALARM", "OK"]],
  ])("of 2 out of 3, with %s", (row, expected) => expect(verdicts(row, 3, 2)).toEqual(expected));
});
