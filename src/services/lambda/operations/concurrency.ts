import type { Handlers } from "#kernel";
import { requireFunction } from "../function-name.ts";
import type { LambdaTables } from "../state.ts";

/** Enforced by the fleet: more invocations at once than reserved are refused. */
export const concurrency = {
  PutFunctionConcurrency(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName);
    const reservedConcurrency = input.ReservedConcurrentExecutions;
    ctx.tables.functions.put(row.name, { ...row, reservedConcurrency });
    return { ReservedConcurrentExecutions: reservedConcurrency };
  },

  GetFunctionConcurrency(input, ctx) {
    const { reservedConcurrency } = requireFunction(ctx, input.FunctionName);
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
  },

  DeleteFunctionConcurrency(input, ctx) {
    const { reservedConcurrency: _, ...row } = requireFunction(ctx, input.FunctionName);
    ctx.tables.functions.put(row.name, row);
    return {};
  },
} satisfies Handlers<"lambda", LambdaTables>;
