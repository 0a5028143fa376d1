import type { Context, Handlers } from "#kernel";
import { dropCode, releaseCode, takeCode } from "../code-store.ts";
import { assertRole, configure } from "../configuration.ts";
import { notBuilt, wrongRevision } from "../faults.ts";
import { fleet } from "../fleet.ts";
import { functionArn, requireFunction } from "../function-name.ts";
import { prepareRuntime } from "../prepare-runtime.ts";
import type { FunctionRow, LambdaTables } from "../state.ts";
import { toConfiguration } from "../views.ts";
import { leaveBehind } from "./functions.ts";

export const updates = {
  async UpdateFunctionCode(input, ctx) {
    const before = requireFunction(ctx, input.FunctionName);
    assertRevision(before, input.RevisionId);
    if (input.Publish) throw notBuilt("Publish");
    const { FunctionName: _, DryRun: dryRun, ...source } = input;
    const code = await takeCode(ctx, source, {
      operation: "UpdateFunctionCode",
      functionArn: functionArn(before.name, ctx),
    });
    if (dryRun) {
      if (before.code.sha256 !== code.sha256) await dropCode(ctx, code, functionArn(before.name, ctx));
      return toConfiguration({ ...before, code }, ctx);
    }
    const after = change(ctx, before, (row) => {
      if (row.code.sha256 !== code.sha256) releaseCode(ctx, row.code, functionArn(row.name, ctx));
      return { ...row, code, ...(input.Architectures?.[0] && { architecture: input.Architectures[0] }) };
    });
    return toConfiguration(after, ctx);
  },

  async UpdateFunctionConfiguration(input, ctx) {
    const before = requireFunction(ctx, input.FunctionName);
    assertRevision(before, input.RevisionId);
    const settings = configure(input, before);
    if (input.Role !== undefined || input.VpcConfig !== undefined) await assertRole(ctx, settings, before.name);
    const after = change(ctx, before, ({ vpc: _vpc, ...row }) => ({ ...row, ...settings }));
    return toConfiguration(prepareRuntime(ctx, after), ctx);
  },
} satisfies Handlers<"lambda", LambdaTables>;

export function assertRevision(row: FunctionRow, revision: string | undefined): void {
  if (revision !== undefined && revision !== row.revision) throw wrongRevision();
}

/** Writes what a function has become: the next invocation gets new workers, those of before end when they are done. */
function change(ctx: Context<LambdaTables>, before: FunctionRow, to: (row: FunctionRow) => FunctionRow): FunctionRow {
  const after = ctx.kernel.transaction(() => {
    // As it is now: something else of it may have changed while the code was read.
    const row = {
      ...to(requireFunction(ctx, before.name)),
      modified: ctx.now().getTime(),
      revision: ctx.kernel.ids.uuid(),
      generation: ctx.kernel.ids.uuid(),
    };
    ctx.tables.functions.put(row.name, row);
    return row;
  });
  leaveBehind(ctx, before);
  ctx.kernel.live(fleet).expect(after);
  return after;
}
