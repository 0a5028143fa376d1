import type { ServingWay } from "../serving-way.ts";
import type { PriceName } from "./price-name.ts";
import { type Price, priceOf } from "./prices.ts";

/** What is paid for: so much of something, at a price. */
export interface CostLine {
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  /** For one unit; undefined when no source gives it. */
  readonly price?: Price;
  /** US dollars; undefined when the price is. */
  readonly amount?: number;
  /** It is paid whether anybody asks or not. */
  readonly idle?: true;
}

export interface Cost {
  readonly region: string;
  readonly currency: "USD";
  /** Every month, with so many requests. */
  readonly month: Total;
  /** Each run of the pipeline. */
  readonly run: Total;
  /** Each table that `cauce predict` answers. */
  readonly predict: Total;
  /** What was taken for granted, in sentences. */
  readonly assumed: readonly string[];
  readonly warnings: readonly string[];
}

export interface Total {
  readonly lines: readonly CostLine[];
  /** Of the lines whose price is known. */
  readonly total: number;
  /** What is missing from the total. */
  readonly unknown: readonly string[];
}

/** What the cost of a project depends on. */
export interface Costed {
  readonly region: string;
  readonly way: ServingWay;
  /** A month. */
  readonly requests: number;
  readonly jobs: readonly { readonly name: string; readonly kind: "processing" | "training"; readonly type: string }[];
  /** Of batch transform jobs. */
  readonly transformType: string;
  /** Its functions, in MB, by what they do. */
  readonly memory: {
    readonly extract?: number;
    readonly predict: number;
    readonly deploy: number;
    readonly batch: number;
  };
  /** A password in Secrets Manager. */
  readonly secret: boolean;
  /** Ways that this project could be served by otherwise. */
  readonly others: readonly ServingWay[];
}

/** AWS: a month is billed by its hours, and has 730 of them on average (AWS Pricing Calculator). */
export const HOURS = 730;
/** Somebody asks on working days, eight hours long. */
const ASKED = { days: 22, hours: 8 };
const JOB_SECONDS = 300;
const EXTRACT_SECONDS = 60;
const DEPLOY_SECONDS = 10;
const REQUEST_SECONDS = { endpoint: 0.1, serverless: 0.2, lambda: 0.05 } as const;
const KB_LOGGED = 0.5;
const KB_SENT = 2;
const GB_STORED = 1;
const PUTS = 500;

/** Line by line what a project costs on AWS. Pure: the prices are those of the table. */
export function costOf(input: Costed): Cost {
  const month = total([...servingLines(input), ...commonLines(input)]);
  return {
    region: input.region,
    currency: "USD",
    month,
    run: total(runLines(input)),
    predict: total(predictLines(input)),
    assumed: assumptions(input),
    warnings: idleWarnings(input, month),
  };
}

/** An amount of something at its price in the region. */
export function lineOf(
  region: string,
  name: PriceName,
  amount: { readonly what: string; readonly quantity: number; readonly unit: string; readonly idle?: true },
): CostLine {
  const price = priceOf(name, region);
  return { ...amount, ...(price && { price, amount: amount.quantity * price.usd }) };
}

export function total(lines: readonly CostLine[]): Total {
  return {
    lines,
    total: lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0),
    unknown: lines.filter(({ amount }) => amount === undefined).map(({ what }) => what),
  };
}

function servingLines({ region, way, requests, memory }: Costed): CostLine[] {
  const functionLines = [
    lineOf(region, "lambda request", { what: "Lambda: requests to predict", quantity: requests, unit: "requests" }),
    lineOf(region, "lambda gb-second", {
      what: `Lambda: predict, ${memory.predict} MB for ${REQUEST_SECONDS[way.on]} s`,
      quantity: requests * REQUEST_SECONDS[way.on] * (memory.predict / 1024),
      unit: "GB-s",
    }),
  ];
  if (way.on === "lambda") return functionLines;
  const data = lineOf(region, "hosting data gb", {
    what: "SageMaker: data in and out",
    quantity: (2 * requests * KB_SENT) / 1e6,
    unit: "GB",
  });
  if (way.on === "serverless") {
    const seconds = { quantity: requests * REQUEST_SECONDS.serverless, unit: "s" };
    const what = `SageMaker: serverless, ${way.memory} MB for ${REQUEST_SECONDS.serverless} s`;
    return [lineOf(region, `serverless ${way.memory}`, { what, ...seconds }), data, ...functionLines];
  }
  return [...endpointLines(region, way), data, ...functionLines];
}

function endpointLines(region: string, way: Extract<ServingWay, { on: "endpoint" }>): CostLine[] {
  const count = way.scaling?.min ?? way.instances;
  const hours = hoursOf(way.maxIdle);
  const until = way.maxIdle === undefined ? "" : `, until idle for ${duration(way.maxIdle)}`;
  const name = `hosting ${way.type}` as PriceName;
  const what = `SageMaker: endpoint, ${count} × ${way.type}${until}`;
  return [
    lineOf(region, name, {
      what,
      quantity: count * hours,
      unit: "hours",
      ...(way.maxIdle === undefined && { idle: true as const }),
    }),
    // AWS: target tracking makes two alarms, one for more and one for less.
    ...(way.scaling
      ? [
          lineOf(region, "alarm month", {
            what: "CloudWatch: alarms of the scaling",
            quantity: 2,
            unit: "alarms",
            idle: true as const,
          }),
        ]
      : []),
  ];
}

function commonLines({ region, requests, secret }: Costed): CostLine[] {
  const logged = (requests * KB_LOGGED) / 1e6;
  return [
    lineOf(region, "api request", { what: "API Gateway: requests", quantity: requests, unit: "requests" }),
    lineOf(region, "logs gb", { what: "CloudWatch Logs: taken in", quantity: logged, unit: "GB" }),
    lineOf(region, "logs gb-month", { what: "CloudWatch Logs: kept for 30 days", quantity: logged, unit: "GB-month" }),
    lineOf(region, "s3 gb-month", {
      what: "S3: tables, models, code",
      quantity: GB_STORED,
      unit: "GB-month",
      idle: true,
    }),
    ...(secret
      ? [
          lineOf(region, "secret month", {
            what: "Secrets Manager: the database's password",
            quantity: 1,
            unit: "secret",
            idle: true,
          }),
        ]
      : []),
  ];
}

function runLines({ region, jobs, memory }: Costed): CostLine[] {
  const gigabyteSeconds = EXTRACT_SECONDS * ((memory.extract ?? 0) / 1024) + DEPLOY_SECONDS * (memory.deploy / 1024);
  return [
    ...jobs.map(({ name, kind, type }) =>
      lineOf(region, `${kind} ${type}` as PriceName, {
        what: `SageMaker: ${name}, ${kind} on ${type} for ${JOB_SECONDS} s`,
        quantity: JOB_SECONDS / 3600,
        unit: "hours",
      }),
    ),
    lineOf(region, "lambda gb-second", {
      what: `Lambda: ${memory.extract === undefined ? "" : `extract for ${EXTRACT_SECONDS} s, `}deploy for ${DEPLOY_SECONDS} s`,
      quantity: gigabyteSeconds,
      unit: "GB-s",
    }),
    lineOf(region, "s3 put", { what: "S3: requests that write", quantity: PUTS, unit: "requests" }),
  ];
}

function predictLines({ region, transformType, memory }: Costed): CostLine[] {
  return [
    lineOf(region, `transform ${transformType}` as PriceName, {
      what: `SageMaker: batch transform on ${transformType} for ${JOB_SECONDS} s`,
      quantity: JOB_SECONDS / 3600,
      unit: "hours",
    }),
    lineOf(region, "lambda gb-second", {
      what: `Lambda: read and write for ${EXTRACT_SECONDS} s`,
      quantity: EXTRACT_SECONDS * (memory.batch / 1024),
      unit: "GB-s",
    }),
  ];
}

function hoursOf(maxIdle: number | undefined): number {
  if (maxIdle === undefined) return HOURS;
  return Math.min(HOURS, ASKED.days * Math.min(24, ASKED.hours + maxIdle / 60));
}

function assumptions({ requests, way }: Costed): string[] {
  const idle = way.on === "endpoint" && way.maxIdle !== undefined;
  return [
    `${requests.toLocaleString("en-US")} requests a month (--requests), ${KB_SENT} kB each way, ${KB_LOGGED} kB of log each; ${GB_STORED} GB stored; a month of ${HOURS} hours.`,
    `A job is billed for ${JOB_SECONDS / 60} minutes, most of which is its start; a larger table takes longer.`,
    ...(idle ? [`Somebody asks on ${ASKED.days} days a month, for ${ASKED.hours} hours.`] : []),
    "On-demand prices without tax, free tiers and discounts; without the volumes of instances and data that leaves AWS (cents).",
  ];
}

/** What runs idle, and what it would cost otherwise. */
function idleWarnings(input: Costed, month: Total): string[] {
  const { way } = input;
  if (way.on !== "endpoint") return [];
  const line = month.lines[0];
  if (line === undefined || way.maxIdle !== undefined) return [];
  const price = line.price
    ? ` × ${dollars(line.price.usd)} = ${dollars(line.amount)}`
    : ", at a price that is not known here";
  const others = input.others.map(
    (other) =>
      `${wayName(other)} ${dollarsOf(total(servingLines({ ...input, way: other, memory: memoryFor(input, other) })))}`,
  );
  const scaled = way.scaling
    ? ` Scaled to ${way.scaling.max} instances it costs up to ${dollars(HOURS * way.scaling.max * (line.price?.usd ?? NaN))}.`
    : "";
  return [
    `The endpoint runs whether anybody asks or not: ${line.quantity} hours${price} a month.${scaled} Served otherwise, with the same requests: ${others.join(", ")}.`,
  ];
}

function memoryFor({ memory }: Costed, way: ServingWay): Costed["memory"] {
  return { ...memory, predict: way.on === "lambda" ? way.memory : 512 };
}

function wayName(way: ServingWay): string {
  if (way.on === "endpoint") return `\`maxIdle: "${duration(way.maxIdle ?? 0)}"\``;
  return `\`on: "${way.on}"\``;
}

function dollarsOf({ total: sum, unknown }: Total): string {
  const important = unknown.filter((what) => !what.includes("data in and out"));
  return important.length > 0 ? "unknown" : `$${sum.toFixed(2)}`;
}

/** A price of one unit: all of its digits, so that the arithmetic can be followed. */
export function unitPrice(usd: number): string {
  const [whole = "0", decimals = ""] = usd.toFixed(12).replace(/0+$/, "").split(".");
  return `$${whole}.${decimals.padEnd(2, "0")}`;
}

/** As prices are written: two decimals, more where the amount is small. */
export function dollars(amount: number | undefined): string {
  if (amount === undefined || Number.isNaN(amount)) return "unknown";
  if (amount === 0) return "$0";
  if (amount >= 0.005 && Math.abs(Math.round(amount * 100) - amount * 100) < 1e-6) return `$${amount.toFixed(2)}`;
  if (amount >= 1) return `$${amount.toFixed(2)}`;
  return `$${Number(amount.toPrecision(3)).toFixed(10).replace(/0+$/, "")}`;
}

function duration(minutes: number): string {
  const [count, unit] =
    minutes % 1440 === 0 ? [minutes / 1440, "day"] : minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
