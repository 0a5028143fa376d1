import type { Context, Handlers, OutputOf } from "#kernel";
import { dropCode, releaseCode, removeUnusedCode, takeCode } from "../code-store.ts";
import { assertRole, configure } from "../configuration.ts";
import { codeLocation } from "../download.ts";
import { functionExists, functionNotFound, invalidParameter } from "../faults.ts";
import { fleet } from "../fleet.ts";
import { functionArn, parseFunctionName, requireFunction } from "../function-name.ts";
import { unlessAborted } from "../abort.ts";
import { prepareRuntime } from "../prepare-runtime.ts";
import type { FunctionRow, LambdaTables } from "../state.ts";
import { toConfiguration } from "../views.ts";

const PAGE = 50;
const LONGEST_NAME = 64;

export const functions = {
  async CreateFunction(input, ctx) {
    const { name } = parseFunctionName(input.FunctionName);
    if (name.length > LONGEST_NAME) throw nameTooLong(name);
    const settings = configure(input);
    if (ctx.tables.functions.get(name)) throw functionExists(name);
    await assertRole(ctx, settings, name);
    const arn = functionArn(name, ctx);
    const code = await takeCode(ctx, input.Code, { operation: "CreateFunction", functionArn: arn });
    const now = ctx.now().getTime();
    const row: FunctionRow = {
      ...settings,
      name,
      architecture: input.Architectures?.[0] ?? (process.arch === "arm64" ? "arm64" : "x86_64"),
      code,
      tags: { ...input.Tags },
      created: now,
      modified: now,
      revision: ctx.kernel.ids.uuid(),
      generation: ctx.kernel.ids.uuid(),
      policy: [],
      state: "Active",
    };
    // Another request may have made it while the code was read.
    const other = ctx.tables.functions.get(name);
    if (other) {
      if (other.code.sha256 !== code.sha256) await dropCode(ctx, code, arn);
      throw functionExists(name);
    }
    ctx.tables.functions.put(name, row);
    ctx.kernel.live(fleet).expect(row);
    return toConfiguration(prepareRuntime(ctx, row), ctx);
  },

  GetFunction(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    return {
      Configuration: toConfiguration(row, ctx),
      Code: { RepositoryType: "S3", Location: codeLocation(ctx, row.code) },
      ...(Object.keys(row.tags).length > 0 && { Tags: { ...row.tags } }),
      ...(row.reservedConcurrency !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: row.reservedConcurrency },
      }),
    };
  },

  GetFunctionConfiguration: (input, ctx) =>
    toConfiguration(requireFunction(ctx, input.FunctionName, input.Qualifier), ctx),

  ListFunctions(input, ctx) {
    const limit = Math.min(input.MaxItems ?? PAGE, PAGE);
    const found = ctx.tables.functions.list({
      limit: limit + 1,
      ...(input.Marker !== undefined && { after: input.Marker }),
    });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1)?.key : undefined;
    return {
      Functions: page.map(({ row }) => toConfiguration(row, ctx)),
      ...(last !== undefined && { NextMarker: last }),
    };
  },

  /** Only `$LATEST`: versions cannot be published here. */
  ListVersionsByFunction: (input, ctx) => ({ Versions: [latest(requireFunction(ctx, input.FunctionName), ctx)] }),

  async DeleteFunction(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName);
    if (input.Qualifier === "$LATEST") {
      throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
    }
    if (input.Qualifier !== undefined) throw functionNotFound(`${functionArn(row.name, ctx)}:${input.Qualifier}`);
    ctx.kernel.transaction(() => {
      ctx.tables.functions.delete(row.name);
      releaseCode(ctx, row.code, functionArn(row.name, ctx));
    });
    leaveBehind(ctx, row);
    return { StatusCode: 204 };
  },
} satisfies Handlers<"lambda", LambdaTables>;

/** Ends the workers of what a function was; its package goes when they have gone and nobody else uses it. */
export function leaveBehind(ctx: Context<LambdaTables>, row: FunctionRow): void {
  ctx.kernel.tasks.run(`lambda: end ${row.name}`, async (signal) => {
    await unlessAborted(ctx.kernel.live(fleet).retire(row.name, ctx.region), signal);
    if (!signal.aborted) await removeUnusedCode(ctx, row.code);
  });
}

function latest(row: FunctionRow, ctx: Context<LambdaTables>): OutputOf<"lambda", "GetFunctionConfiguration"> {
  return { ...toConfiguration(row, ctx), FunctionArn: `${functionArn(row.name, ctx)}:$LATEST` };
}

function nameTooLong(name: string) {
  return invalidParameter(
    `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_NAME}`,
  );
}
