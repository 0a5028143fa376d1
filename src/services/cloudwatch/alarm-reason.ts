import type { Datapoint, Rule, Verdict } from "./alarm-evaluation.ts";
import { isBreaching } from "./alarm-evaluation.ts";
import type { StateValue } from "./state.ts";

const OPERATORS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

/** AWS: the sentences of state reasons, as in "Alarm events and EventBridge" in the CloudWatch user guide and in public reports. */
export function reasonFor(verdict: Verdict, rule: Rule, before: StateValue, state: StateValue): string {
  const { evaluationPeriods: periods, datapointsToAlarm: enough } = rule;
  if (state === "INSUFFICIENT_DATA") {
    return `Insufficient Data: ${periods} ${periods === 1 ? "datapoint was" : "datapoints were"} unknown.`;
  }
  const alarming = state === "ALARM";
  const deciding = verdict.evaluated.filter(({ value }) => isBreaching(value ?? 0, rule) === alarming);
  const operator = `${OPERATORS[rule.operator] ?? ""} the threshold (${decimal(rule.threshold)})`;
  const needed = alarming ? enough : periods - enough + 1;
  const transition = `(minimum ${needed} ${needed === 1 ? "datapoint" : "datapoints"} for ${before} -> ${state} transition)`;
  if (deciding.length === 0) {
    const treated = rule.treatMissing === "breaching" ? "Breaching" : "NonBreaching";
    const none = `no datapoints were received for ${count(verdict.filled, "period")}`;
    return `Threshold Crossed: ${none} and ${count(verdict.filled, "missing datapoint")} ${verdict.filled === 1 ? "was" : "were"} treated as [${treated}].`;
  }
  const values = deciding.map((one) => `${decimal(one.value ?? 0)} (${toShortTime(one.time)})`).join(", ");
  const were = deciding.length === 1 ? "was" : "were";
  return `Threshold Crossed: ${deciding.length} out of the last ${count(periods, "datapoint")} [${values}] ${were} ${alarming ? "" : "not "}${operator} ${transition}.`;
}

/** AWS: the machine's form of the reason, version 1.0. */
export function reasonDataFor(verdict: Verdict, rule: Rule, statistic: string | undefined, now: number): string {
  const oldestFirst = verdict.evaluated.toReversed();
  const start = oldestFirst[0]?.time;
  return JSON.stringify({
    version: "1.0",
    queryDate: toEventTime(now),
    ...(start !== undefined && { startDate: toEventTime(start) }),
    ...(statistic !== undefined && { statistic }),
    period: rule.period / 1000,
    recentDatapoints: oldestFirst.map(({ value }) => value),
    threshold: rule.threshold,
    evaluatedDatapoints: verdict.evaluated.map(toEvaluated),
  });
}

/** AWS: `2019-10-01T13:56:40.985+0000` */
export function toEventTime(time: number | string): string {
  return new Date(time).toISOString().replace("Z", "+0000");
}

function toEvaluated({ time, value }: Datapoint) {
  return { timestamp: toEventTime(time), value };
}

function count(many: number, of: string): string {
  return `${many} ${of}${many === 1 && of !== "datapoint" ? "" : "s"}`;
}

/** As Java writes a double: with a decimal point, always. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `01/10/19 13:46:00` */
function toShortTime(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}
