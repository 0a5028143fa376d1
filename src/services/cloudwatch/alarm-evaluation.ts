import type { AlarmRow, StateValue } from "./state.ts";
import type { Values } from "./statistics.ts";

export interface Rule {
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly operator: string;
  readonly treatMissing: string;
}

export interface Datapoint {
  readonly time: number;
  /** Undefined: there is none. */
  readonly value: number | undefined;
}

export interface Verdict {
  /** Undefined: it stays as it is. */
  readonly state: StateValue | undefined;
  /** What decided, newest first. */
  readonly evaluated: readonly Datapoint[];
  /** How many had to be filled in. */
  readonly filled: number;
}

/** AWS: more than the evaluation periods are looked at, for data that came late. "Configuring how CloudWatch alarms treat missing data". */
export const LOOKED_BEYOND = 2;

export function isBreaching(value: number, { operator, threshold }: Pick<Rule, "operator" | "threshold">): boolean {
  switch (operator) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    default:
      return value <= threshold;
  }
}

/** The newest first: those of the periods that ended before `until`, with one or without. */
export function datapointsOf(values: Values, { period, evaluationPeriods }: Rule, until: number): Datapoint[] {
  return Array.from({ length: evaluationPeriods + LOOKED_BEYOND }, (_, index) => {
    const time = until - (index + 1) * period;
    return { time, value: values.get(time) };
  });
}

/** What the datapoints, newest first, make of an alarm. AWS: by the rules and tables of "How alarm state is evaluated when data is missing". */
export function judge(datapoints: readonly Datapoint[], rule: Rule): Verdict {
  const { evaluationPeriods: periods, datapointsToAlarm: enough, treatMissing } = rule;
  const present = datapoints.filter((one): one is Datapoint & { value: number } => one.value !== undefined);
  const evaluated = present.slice(0, periods);
  const filled = periods - evaluated.length;
  const breaching = evaluated.filter(({ value }) => isBreaching(value, rule)).length;
  const settle = (bad: number): StateValue => (bad >= enough ? "ALARM" : "OK");
  const verdict = (state: StateValue | undefined): Verdict => ({ state, evaluated, filled });
  if (filled === 0) return verdict(settle(breaching));
  if (treatMissing === "breaching") return verdict(settle(breaching + filled));
  if (treatMissing === "notBreaching") return verdict(settle(breaching));
  if (present.length === 0) return verdict(treatMissing === "ignore" ? undefined : "INSUFFICIENT_DATA");
  if (breaching >= enough) return verdict("ALARM");
  if (evaluated.length > breaching) return verdict("OK");
  if (treatMissing === "ignore") return verdict(undefined);
  return verdict(isOldEnough(datapoints, enough) ? "ALARM" : "OK");
}

/** AWS: the oldest breaching datapoint is as old as the datapoints to alarm, and all since are breaching or missing. */
function isOldEnough(datapoints: readonly Datapoint[], enough: number): boolean {
  return datapoints.slice(enough - 1).some(({ value }) => value !== undefined);
}

export function ruleOf({ input }: Pick<AlarmRow, "input">, period: number): Rule {
  const periods = input.EvaluationPeriods ?? 1;
  return {
    period,
    evaluationPeriods: periods,
    datapointsToAlarm: input.DatapointsToAlarm ?? periods,
    threshold: input.Threshold ?? 0,
    operator: input.ComparisonOperator ?? "",
    treatMissing: input.TreatMissingData ?? "missing",
  };
}
