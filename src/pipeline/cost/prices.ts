import type { PriceName, PriceRow } from "./price-name.ts";
import { PRICES } from "./price-table.ts";

/** A price with where it is from; `of` is the region that it is quoted for, when the one asked for has no sourced price. */
export interface Price {
  readonly usd: number;
  /** When it was read; `undated` when the source does not say. */
  readonly date: string;
  readonly source: string;
  readonly of?: string;
}

/** Where AWS's prices are the lowest and most often quoted. */
const FALLBACK = "us-east-1";

/** The price in a region, else the one of us-east-1; undefined when neither could be sourced. Nothing is guessed. */
export function priceOf(name: PriceName, region: string): Price | undefined {
  const own = find(name, region);
  if (own) return toPrice(own);
  const other = find(name, FALLBACK);
  return other && { ...toPrice(other), of: FALLBACK };
}

function find(name: PriceName, region: string): PriceRow | undefined {
  return PRICES[region]?.find((row) => row[0] === name);
}

function toPrice([, usd, date, source]: PriceRow): Price {
  return { usd, date, source };
}
