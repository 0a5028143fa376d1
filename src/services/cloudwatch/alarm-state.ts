import { parseArn } from "#core";
import { servicePrincipal, tableKey } from "#kernel";
import { toEventTime } from "./alarm-reason.ts";
import { alarmEvent, lambdaPayload } from "./alarm-event.ts";
import { remember } from "./alarm-history.ts";
import type { AlarmRow, AlarmState, CloudWatchContext, StateValue } from "./state.ts";

/** From one state to another: written down, told to EventBridge, and what the alarm is to do is done. */
export function changeState(ctx: CloudWatchContext, row: AlarmRow, to: Omit<AlarmState, "since">): AlarmRow {
  const since = ctx.now().toISOString();
  const changed = to.value !== row.state.value;
  const after = { ...row, state: { ...to, since }, ...(changed && { transitionedAt: since }) };
  ctx.tables.alarms.put(tableKey(row.region, row.name), after);
  if (!changed) return after;
  remember(ctx, {
    alarm: row.name,
    at: since,
    type: "StateUpdate",
    summary: `Alarm updated from ${row.state.value} to ${to.value}`,
    data: JSON.stringify({ version: "1.0", oldState: toHistory(row.state), newState: toHistory(after.state) }),
  });
  ctx.kernel.tasks.run(`cloudwatch: alarm ${row.name}`, async () => {
    await tell(ctx, row.state, after);
    if (row.input.ActionsEnabled !== false) await act(ctx, after);
  });
  return after;
}

async function tell(ctx: CloudWatchContext, before: AlarmState, row: AlarmRow): Promise<void> {
  const entry = {
    Source: "aws.cloudwatch",
    DetailType: "CloudWatch Alarm State Change",
    Detail: JSON.stringify(alarmEvent(row, before)),
    Resources: [row.arn],
  };
  const as = servicePrincipal("cloudwatch.amazonaws.com", ctx.account);
  await ctx.call("events", "PutEvents", { Entries: [entry] }, { as });
}

/** Functions are invoked. A scaling policy's own service looks at the alarm. Nothing else is taken when an alarm is made. */
async function act(ctx: CloudWatchContext, row: AlarmRow): Promise<void> {
  for (const arn of actionsOf(row, row.state.value)) {
    const parsed = parseArn(arn);
    if (parsed?.service !== "lambda") continue;
    const as = servicePrincipal("lambda.alarms.cloudwatch.amazonaws.com", ctx.account, row.arn);
    const Payload = Buffer.from(JSON.stringify(lambdaPayload(ctx, row)));
    const failure = await ctx
      .call("lambda", "Invoke", { FunctionName: arn, InvocationType: "Event", Payload }, { as })
      .then(() => undefined)
      .catch((error: unknown) => error);
    const done = failure === undefined ? "Successfully executed action" : "Failed to execute action";
    remember(ctx, {
      alarm: row.name,
      at: ctx.now().toISOString(),
      type: "Action",
      summary: `${done} ${arn}`,
      data: JSON.stringify({
        actionState: failure === undefined ? "Succeeded" : "Failed",
        notificationResource: arn,
        stateUpdateTimestamp: Date.parse(row.state.since),
        ...(failure instanceof Error && { error: failure.message }),
      }),
    });
  }
}

function actionsOf({ input }: AlarmRow, state: StateValue): readonly string[] {
  if (state === "ALARM") return input.AlarmActions ?? [];
  return (state === "OK" ? input.OKActions : input.InsufficientDataActions) ?? [];
}

function toHistory({ value, reason, reasonData, since }: AlarmState) {
  return {
    stateValue: value,
    stateReason: reason,
    ...(reasonData !== undefined && { stateReasonData: JSON.parse(reasonData) as unknown }),
    stateUpdatedTimestamp: toEventTime(since),
  };
}
