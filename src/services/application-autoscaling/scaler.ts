import type { Kernel, Live } from "#kernel";
import { type Decision, decide, type Demand } from "./capacity.ts";
import { readDemand } from "./demand.ts";
import { saveTarget } from "./scalable.ts";
import { atWork, findVariant, setCapacity } from "./scale.ts";
import { type AutoscalingContext, type PolicyRow, policyKey, targetKey, type TargetRow } from "./state.ts";

/** Looks at the alarms of every policy, and scales. */
export interface Scaler {
  /** One round over all targets for every minute that has ended; whoever asks during one gets that one. */
  round(): Promise<void>;
}

export function requireScaler(kernel: Kernel): Scaler {
  return kernel.live(definition);
}

const definition: Live<Scaler> = { name: "application-autoscaling.scaler", create: createScaler };

const MINUTE = 60_000;

function createScaler(kernel: Kernel): Scaler {
  let running: Promise<void> | undefined;
  let done = 0;
  const round = async (): Promise<void> => {
    const minute = Math.floor(kernel.clock.now().getTime() / MINUTE);
    if (minute === done) return;
    done = minute;
    for (const { row } of atWork(kernel, kernel.settings.region).tables.targets.list()) {
      await scaleTarget(atWork(kernel, row.region), row);
    }
  };
  return {
    round() {
      running ??= round().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

async function scaleTarget(ctx: AutoscalingContext, target: TargetRow): Promise<void> {
  const prefix = policyKey(target.region, target.resourceId, "");
  const policies = ctx.tables.policies.list({ prefix }).map(({ row }) => row);
  if (policies.length === 0) return;
  const variant = await findVariant(ctx, target);
  if (!variant?.settled) return;
  const seen = await Promise.all(policies.map((policy) => readDemand(ctx, target, policy)));
  const newest = Math.max(0, ...seen.map(({ minute }) => minute ?? 0));
  // A minute is acted upon once: what it measured is of the instances that there were.
  if (newest <= (target.actedOn ?? 0)) return;
  const demands: Demand[] = seen.map(({ demand }) => demand);
  const decision = decide(variant.instances, demands, target, ctx.now().getTime());
  if (decision) await carryOut(ctx, target, { decision, policies, newest });
}

interface Plan {
  readonly decision: Decision;
  readonly policies: readonly PolicyRow[];
  readonly newest: number;
}

async function carryOut(ctx: AutoscalingContext, target: TargetRow, plan: Plan): Promise<void> {
  const { decision, policies, newest } = plan;
  const policy = policies[decision.by];
  const alarm = decision.direction === "out" ? policy?.alarms.high.name : policy?.alarms.low?.name;
  const cause = `monitor alarm ${alarm} in state ALARM triggered policy ${policy?.name}`;
  const done = await setCapacity(ctx, target, decision.capacity, cause);
  // It may have been changed, or be gone, since the round began.
  const now = ctx.tables.targets.get(targetKey(target.region, target.resourceId));
  if (!now) return;
  const at = ctx.now().getTime();
  const scaled = decision.direction === "out" ? { scaledOut: { at, from: decision.from } } : { scaledInAt: at };
  saveTarget(ctx, { ...now, actedOn: newest, ...(done && scaled) });
}
