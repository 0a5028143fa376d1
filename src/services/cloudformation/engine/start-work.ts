import type { StackRow } from "../state.ts";
import { setStackStatus } from "./events.ts";
import { reasonOf } from "./resources.ts";
import type { StackContext } from "./work.ts";

/** Carries out a stack's work after its request was answered: as the stack's role when it has one, else as who asked. */
export async function startWork(
  ctx: StackContext,
  stack: StackRow,
  work: (ctx: StackContext, stack: StackRow) => Promise<void>,
): Promise<void> {
  const acting = await actingContext(ctx, stack);
  ctx.kernel.tasks.run(`cloudformation ${stack.name}`, async () => {
    try {
      await work(acting, stack);
    } catch (error) {
      // A handler's bug must not leave the stack in progress for ever.
      setStackStatus(
        acting,
        stack,
        stack.status.replace(/(_COMPLETE_CLEANUP)?_IN_PROGRESS$/, "_FAILED"),
        reasonOf(error),
      );
      throw error;
    }
  });
}

async function actingContext(ctx: StackContext, stack: StackRow): Promise<StackContext> {
  if (stack.roleArn === undefined) return ctx.as(stack.principal);
  await ctx.authorize({
    action: "iam:PassRole",
    resource: stack.roleArn,
    conditions: { "iam:PassedToService": "cloudformation.amazonaws.com" },
  });
  const session = await ctx.assume(stack.roleArn, {
    service: "cloudformation.amazonaws.com",
    sessionName: "AWSCloudFormation",
  });
  return ctx.as(session.principal);
}
