import { canonicalJson, type JsonObject, sha256 } from "#core";
import { tableKey } from "#kernel";
import type { StepDeclaration } from "./definition.ts";
import { runners } from "./steps/index.ts";
import type { CacheRow, ExecutionRow, PipelinesContext } from "./state.ts";

/** Results of earlier executions that may stand in for a step of this one. */
export function cacheOf(ctx: PipelinesContext, execution: ExecutionRow, step: StepDeclaration, args: JsonObject) {
  const config = step.source["CacheConfig"] as { Enabled?: boolean; ExpireAfter?: string } | undefined;
  const keyOf = runners[step.type].cacheKey;
  if (!config?.Enabled || !keyOf) return undefined;
  const key = tableKey(execution.pipelineArn, step.name, sha256(canonicalJson(keyOf(args))));
  return {
    find(): CacheRow | undefined {
      const row = ctx.tables.stepCache.get(key);
      if (!row) return undefined;
      const age = ctx.now().getTime() - Date.parse(row.at);
      return age <= lifetime(config.ExpireAfter) ? row : undefined;
    },
    keep(result: Pick<CacheRow, "metadata" | "properties">): void {
      ctx.tables.stepCache.put(key, { ...result, executionArn: execution.arn, at: ctx.now().toISOString() });
    },
  };
}

/** To be called when the pipeline goes. */
export function dropCache(ctx: PipelinesContext, pipelineArn: string): void {
  for (const { key } of ctx.tables.stepCache.list({ prefix: tableKey(pipelineArn, "") }))
    ctx.tables.stepCache.delete(key);
}

const UNITS = { Y: 31_536_000, M: 2_592_000, W: 604_800, D: 86_400 } as const;
const TIMES = { H: 3600, M: 60, S: 1 } as const;

/** ISO 8601 durations (`P30D`, `PT1H`) and the guide's `30d`, in milliseconds. None given: for ever. */
function lifetime(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const short = /^(\d+)d$/.exec(text);
  if (short) return Number(short[1]) * UNITS.D * 1000;
  const [date = "", time = ""] = text.replace(/^P/, "").split("T");
  return (total(date, UNITS) + total(time, TIMES)) * 1000;
}

function total(text: string, units: Readonly<Record<string, number>>): number {
  return [...text.matchAll(/(\d+)([A-Z])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ""] ?? 0),
    0,
  );
}
