import type { TargetRow } from "./state.ts";

/** What one target tracking policy sees and may do. */
export interface Demand {
  /** Whether its alarm says so. */
  readonly high: boolean;
  readonly low: boolean;
  readonly target: number;
  /** Of the metric: its last value, and the highest of those that the low alarm looked at. */
  readonly latest: number;
  readonly highest: number;
  /** Milliseconds. */
  readonly outCooldown: number;
  readonly inCooldown: number;
}

type Scaled = Pick<TargetRow, "minimum" | "maximum" | "suspended" | "scaledOut" | "scaledInAt">;

export interface Decision {
  readonly capacity: number;
  /** The place of the policy that decided. */
  readonly by: number;
  readonly direction: "out" | "in";
  /** From how many the addition counts, for those that follow within the cooldown. */
  readonly from: number;
}

/**
 * AWS: "Target tracking scaling policies": capacity follows the metric in proportion; out as soon as any policy wants it, in only when
 * all agree, and never below what any of them needs.
 */
export function decide(current: number, demands: readonly Demand[], target: Scaled, now: number): Decision | undefined {
  return scaleOut(current, demands, target, now) ?? scaleIn(current, demands, target, now);
}

function scaleOut(current: number, demands: readonly Demand[], target: Scaled, now: number): Decision | undefined {
  if (target.suspended.out) return undefined;
  const wanted = demands.map((demand, by) => {
    // AWS: within the cooldown, what the last one added counts as part of the next: only a larger one goes through.
    const cooling = target.scaledOut && now < target.scaledOut.at + demand.outCooldown;
    const from = cooling ? (target.scaledOut?.from ?? current) : current;
    const capacity = demand.high ? Math.ceil((from * demand.latest) / demand.target) : 0;
    return { by, from, capacity: Math.min(target.maximum, capacity), direction: "out" as const };
  });
  const most = wanted.reduce((a, b) => (b.capacity > a.capacity ? b : a), wanted[0] ?? ({ capacity: 0 } as Decision));
  return most.capacity > current ? most : undefined;
}

function scaleIn(current: number, demands: readonly Demand[], target: Scaled, now: number): Decision | undefined {
  if (target.suspended.in || demands.length === 0 || demands.some(({ low }) => !low)) return undefined;
  const last = Math.max(target.scaledOut?.at ?? 0, target.scaledInAt ?? 0);
  if (demands.some(({ inCooldown }) => now < last + inCooldown)) return undefined;
  const needed = demands.map((demand) => Math.ceil((current * demand.highest) / demand.target));
  const most = Math.max(...needed);
  const capacity = Math.max(target.minimum, most);
  return capacity < current ? { capacity, by: needed.indexOf(most), direction: "in", from: current } : undefined;
}
