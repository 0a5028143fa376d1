import { type Context, type InputOf, table } from "#kernel";

/** One metric under one set of dimensions in one unit, keyed by `seriesKey`. */
export interface SeriesRow {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  /** The last hour that has a value. */
  readonly lastHour: number;
}

/** What CloudWatch calls a statistic set: count, sum, least, most. */
export type Point = readonly [count: number, sum: number, least: number, most: number];

/** An hour of one series, by its minutes that have a value: one row for sixty, since rows cost more than what is in them. */
export interface HourRow {
  readonly minutes: Readonly<Record<string, Point>>;
}

export type StateValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** As JSON. */
  readonly reasonData?: string;
  readonly since: string;
}

/** What an alarm is made of, without what is refused. */
export type AlarmInput = Omit<
  InputOf<"cloudwatch", "PutMetricAlarm">,
  | "Tags"
  | "EvaluationWindow"
  | "WarmUpConfiguration"
  | "EvaluationCriteria"
  | "EvaluationInterval"
  | "ActionConfiguration"
>;

export interface AlarmRow {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** What it was made of, as it was given. */
  readonly input: AlarmInput;
  readonly state: AlarmState;
  readonly configuredAt: string;
  readonly transitionedAt: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface HistoryRow {
  readonly alarm: string;
  readonly at: string;
  readonly type: "ConfigurationUpdate" | "StateUpdate" | "Action";
  readonly summary: string;
  /** As JSON. */
  readonly data: string;
}

export const cloudwatchTables = {
  series: table<SeriesRow>({ durability: "relaxed" }),
  hours: table<HourRow>({ durability: "relaxed" }),
  history: table<HistoryRow>({ durability: "relaxed" }),
  /** Where there are metrics, for the work that goes over all of them. */
  regions: table<{ readonly region: string }>({ scope: "account", durability: "relaxed" }),
  // Of all regions, keyed by region and name: all are evaluated.
  alarms: table<AlarmRow>({ scope: "account" }),
};

export type CloudWatchTables = typeof cloudwatchTables;
export type CloudWatchContext = Context<CloudWatchTables>;
