import { parseArn } from "#core";
import type { InputOf } from "#kernel";
import { invalidValue, missing, notBuilt, validation } from "./faults.ts";
import { assertQueries } from "./query.ts";
import { requirePeriod } from "./statistics.ts";

type Input = InputOf<"cloudwatch", "PutMetricAlarm">;

/** What the model does not say, before anything is kept. What is not built is refused by its name. */
export function assertAlarm(input: Input): void {
  assertBuilt(input);
  for (const actions of [input.AlarmActions, input.OKActions, input.InsufficientDataActions])
    actions?.forEach(assertAction);
  if (input.ComparisonOperator === undefined) throw missing("ComparisonOperator");
  if (input.Threshold === undefined) throw missing("Threshold");
  if (input.EvaluationPeriods === undefined) throw missing("EvaluationPeriods");
  if (!THRESHOLDS.has(input.ComparisonOperator)) throw notBuilt(`${input.ComparisonOperator}: anomaly detection`);
  const { TreatMissingData: treat } = input;
  if (treat !== undefined && !["breaching", "notBreaching", "ignore", "missing"].includes(treat)) {
    throw invalidValue(`The value ${treat} for parameter TreatMissingData is invalid.`);
  }
  if ((input.DatapointsToAlarm ?? 1) > input.EvaluationPeriods) {
    throw validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods.");
  }
  if (input.Metrics) assertMath(input);
  else assertMetric(input);
}

const THRESHOLDS = new Set([
  "GreaterThanThreshold",
  "GreaterThanOrEqualToThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
]);

const BUILT = new Set<string>([
  "AlarmName",
  "AlarmDescription",
  "ActionsEnabled",
  "OKActions",
  "AlarmActions",
  "InsufficientDataActions",
  "MetricName",
  "Namespace",
  "Statistic",
  "Dimensions",
  "Period",
  "Unit",
  "EvaluationPeriods",
  "DatapointsToAlarm",
  "Threshold",
  "ComparisonOperator",
  "TreatMissingData",
  "Metrics",
  "Tags",
]);

function assertBuilt(input: Input): void {
  for (const [member, value] of Object.entries(input)) {
    if (value !== undefined && !BUILT.has(member)) throw notBuilt(`${member} of an alarm`);
  }
}

function assertAction(arn: string): void {
  const parsed = parseArn(arn);
  if (!parsed) throw validation(`Invalid arn syntax: ${arn}`);
  const scaling = parsed.service === "autoscaling" && parsed.resource.startsWith("scalingPolicy:");
  if (parsed.service !== "lambda" && !scaling) {
    throw notBuilt(
      `the alarm action ${arn}: an alarm here invokes functions and scales endpoints; a rule of EventBridge for "CloudWatch Alarm State Change" reaches the rest`,
    );
  }
}

/** AWS: the longest range of an alarm is a day, a week for periods of an hour or more. PutMetricAlarm, API reference. */
const DAY = 86_400_000;

function assertRange(input: Input, period: number): void {
  const range = period * (input.EvaluationPeriods ?? 1);
  if (range > (period >= 3_600_000 ? 7 * DAY : DAY)) {
    throw validation("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).");
  }
}

function assertMetric(input: Input): void {
  if (input.MetricName === undefined) throw missing("MetricName");
  if (input.Namespace === undefined) throw missing("Namespace");
  if (input.Statistic === undefined) throw missing("Statistic");
  assertRange(input, requirePeriod(input.Period));
}

function assertMath(input: Input): void {
  const queries = input.Metrics ?? [];
  for (const member of ["MetricName", "Namespace", "Statistic", "Period", "Dimensions", "Unit"] as const) {
    const given = input[member];
    if (given !== undefined && !(Array.isArray(given) && given.length === 0))
      throw validation(`${member} must not be set when Metrics is.`);
  }
  assertQueries(queries);
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  if (returned.length !== 1) throw validation("Exactly one element of the metrics list should return data.");
  const periods = queries.flatMap(({ MetricStat: stat }) => (stat ? [requirePeriod(stat.Period)] : []));
  if (periods.length === 0) throw validation("At least one element of the metrics list must be a MetricStat.");
  assertRange(input, Math.min(...periods));
}
