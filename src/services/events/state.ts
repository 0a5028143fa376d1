import { table } from "#kernel";

/** A rule of the default bus, keyed by its name. */
export interface RuleRow {
  readonly name: string;
  readonly arn: string;
  readonly pattern?: string;
  readonly schedule?: string;
  readonly state: "ENABLED" | "DISABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
  readonly description?: string;
  readonly roleArn?: string;
  readonly createdBy: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Where the events of a rule go, keyed by rule and id. */
export interface TargetRow {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string;
  readonly input?: string;
  readonly inputPath?: string;
  readonly transformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
  readonly pipelineParameters?: readonly { readonly name: string; readonly value: string }[];
  readonly retry?: { readonly attempts?: number; readonly seconds?: number };
}

/** An event as its targets see it. */
export interface EventRow {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** One event on its way to one target; gone when it was delivered or given up. Keyed by arrival. */
export interface DeliveryRow {
  readonly region: string;
  readonly ruleName: string;
  readonly ruleArn: string;
  readonly target: TargetRow;
  readonly event: EventRow;
  /** Milliseconds since the epoch. */
  readonly accepted: number;
  readonly attempts: number;
  readonly due: number;
}

/** An enabled rule with a schedule, of whatever region, keyed by region and name. */
export interface ScheduleRow {
  readonly region: string;
  readonly ruleName: string;
  readonly ruleArn: string;
  readonly expression: string;
  /** From when a rate counts, in milliseconds since the epoch. */
  readonly since: number;
}

export const eventsTables = {
  rules: table<RuleRow>(),
  targets: table<TargetRow>(),
  // One outbox for all regions: after a restart it is found without knowing which regions were used.
  outbox: table<DeliveryRow>({ scope: "account" }),
  schedules: table<ScheduleRow>({ scope: "account" }),
};

export type EventsTables = typeof eventsTables;
