import { type Cost, type CostLine, dollars, hostCost, type Total, unitPrice } from "#app";
import { number } from "./facts.ts";
import { table } from "./table.ts";

/** What a project costs, line by line: quantity × price = amount. */
export function costLines(cost: Cost): string[] {
  return [
    ...cost.warnings.map((warning) => `! ${warning}`),
    `Cost a month in ${cost.region}`,
    ...totalLines(cost.month),
    "",
    "Cost of each run of the pipeline",
    ...totalLines(cost.run),
    "",
    "Cost of each table that `cauce predict` answers",
    ...totalLines(cost.predict),
    "",
    ...cost.assumed.map((sentence) => `  ${sentence}`),
    `  ${sourceLine([...cost.month.lines, ...cost.run.lines, ...cost.predict.lines], cost.region)}`,
  ];
}

export function totalLines({ lines, total, unknown }: Total): string[] {
  const rows = lines.map((line) => [
    `  ${line.what}`,
    `${amountOf(line.quantity)} ${line.unit}`,
    line.price ? `× ${unitPrice(line.price.usd)}${line.price.of === undefined ? "" : "*"}` : "× ?",
    `= ${line.amount === undefined ? "unknown" : dollars(line.amount)}`,
    line.idle ? "idle or not" : "",
  ]);
  const about = lines.some(({ price }) => price?.of !== undefined) ? "about " : "";
  const sum = `${unknown.length > 0 ? "at least " : about}${dollars(round(total))}`;
  return table([...rows, ["  Together", "", "", `= ${sum}`, ""]]);
}

/** For a question before the first change: one line. */
export function costSentence({ month, run, region }: Cost): string {
  const idle = month.lines.filter((line) => line.idle).reduce((sum, { amount }) => sum + (amount ?? 0), 0);
  const least = month.unknown.length > 0 ? "at least " : "about ";
  const perRun = `${run.unknown.length > 0 ? "at least " : "about "}${dollars(round(run.total))}`;
  return `${least}${dollars(round(month.total))} a month in ${region}, ${dollars(round(idle))} of it idle or not, and ${perRun} each run · cauce plan --to aws shows each line`;
}

/** The same of one instance with the whole of Cauce on it. */
export function hostSentence(region: string, type?: string): string {
  const { total, unknown } = hostCost({ region, type });
  const least = unknown.length > 0 ? "at least " : "about ";
  return `${least}${dollars(round(total))} a month in ${region} for the instance, whatever runs on it${unknown.length > 0 ? ` (unknown: ${unknown.join(", ")})` : ""}`;
}

export function hostLines(region: string, type?: string): string[] {
  const host = hostCost({ region, type });
  return [`Cost a month in ${region}, whatever runs on it`, ...totalLines(host), `  ${sourceLine(host.lines, region)}`];
}

function sourceLine(lines: readonly CostLine[], region: string): string {
  const dates = lines.flatMap(({ price }) => (price && /^\d{4}/.test(price.date) ? [price.date] : [])).sort();
  const others = lines.some(({ price }) => price?.of !== undefined);
  const note = others ? ` * is the price of us-east-1: none of ${region} could be sourced.` : "";
  return `Prices read ${dates[0] ?? "?"} to ${dates.at(-1) ?? "?"}; each with its source in src/pipeline/cost/price-table.ts.${note}`;
}

/** Cents, but for what is less than one. */
function round(amount: number): number {
  return amount >= 1 ? Math.round(amount * 100) / 100 : amount;
}

function amountOf(quantity: number): string {
  if (quantity >= 100 || Number.isInteger(quantity)) return number(Math.round(quantity));
  return String(Number(quantity.toPrecision(3)));
}
