import type { Context, Handlers } from "#kernel";
import { notBuilt, resourceNotFound } from "../faults.ts";
import { functionArn, requireFunction } from "../function-name.ts";
import type { EventInvokeConfig, FunctionRow, LambdaTables } from "../state.ts";

interface Asked {
  MaximumRetryAttempts?: number | undefined;
  MaximumEventAgeInSeconds?: number | undefined;
  DestinationConfig?:
    | {
        OnSuccess?: { Destination?: string | undefined } | undefined;
        OnFailure?: { Destination?: string | undefined } | undefined;
      }
    | undefined;
}

export const eventInvokeConfigs = {
  PutFunctionEventInvokeConfig(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    return write(ctx, row, input);
  },

  UpdateFunctionEventInvokeConfig(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    return write(ctx, row, input, requireConfig(row, ctx));
  },

  GetFunctionEventInvokeConfig(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    return toView(row, requireConfig(row, ctx), ctx);
  },

  DeleteFunctionEventInvokeConfig(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    requireConfig(row, ctx);
    const { eventInvoke: _, ...rest } = row;
    ctx.tables.functions.put(row.name, rest);
    return {};
  },
} satisfies Handlers<"lambda", LambdaTables>;

function write(ctx: Context<LambdaTables>, row: FunctionRow, asked: Asked, previous?: EventInvokeConfig) {
  const { OnSuccess: success, OnFailure: failure } = asked.DestinationConfig ?? {};
  if (success?.Destination !== undefined || failure?.Destination !== undefined) throw notBuilt("DestinationConfig");
  const retries = asked.MaximumRetryAttempts ?? previous?.maximumRetryAttempts;
  const age = asked.MaximumEventAgeInSeconds ?? previous?.maximumEventAgeInSeconds;
  const config: EventInvokeConfig = {
    ...(retries !== undefined && { maximumRetryAttempts: retries }),
    ...(age !== undefined && { maximumEventAgeInSeconds: age }),
    modified: ctx.now().getTime(),
  };
  ctx.tables.functions.put(row.name, { ...row, eventInvoke: config });
  return toView(row, config, ctx);
}

function requireConfig(row: FunctionRow, ctx: Context<LambdaTables>): EventInvokeConfig {
  if (row.eventInvoke) return row.eventInvoke;
  throw resourceNotFound(`The function ${functionArn(row.name, ctx)}:$LATEST doesn't have an EventInvokeConfig`);
}

function toView(row: FunctionRow, config: EventInvokeConfig, ctx: Context<LambdaTables>) {
  return {
    FunctionArn: `${functionArn(row.name, ctx)}:$LATEST`,
    LastModified: new Date(config.modified),
    ...(config.maximumRetryAttempts !== undefined && { MaximumRetryAttempts: config.maximumRetryAttempts }),
    ...(config.maximumEventAgeInSeconds !== undefined && { MaximumEventAgeInSeconds: config.maximumEventAgeInSeconds }),
  };
}
