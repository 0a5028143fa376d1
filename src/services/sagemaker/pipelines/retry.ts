import { setTimeout as sleep } from "node:timers/promises";
import { AwsFault } from "#protocol";
import type { StepDeclaration } from "./definition.ts";
import { StepFailed } from "./steps/step.ts";

interface Policy {
  readonly ExceptionType: string | readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly ExpireAfterMin?: number;
}

/** Tries again as the step's `RetryPolicies` say; what they do not name is thrown at once. */
export async function withRetries<T>(
  step: StepDeclaration,
  signal: AbortSignal,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  const policies = (step.source["RetryPolicies"] ?? []) as unknown as readonly Policy[];
  // Not by the clock, which may be set meanwhile.
  const begun = performance.now();
  const used = new Map<Policy, number>();
  for (let number = 1; ; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      const policy = policies.find(({ ExceptionType }) => [ExceptionType].flat().includes(kindOf(error) ?? ""));
      const times = policy && (used.get(policy) ?? 0);
      if (!policy || times === undefined || signal.aborted || isSpent(policy, times, performance.now() - begun))
        throw error;
      used.set(policy, times + 1);
      await sleep((policy.IntervalSeconds ?? 1) * 1000 * (policy.BackoffRate ?? 2) ** times, undefined, { signal });
    }
  }
}

function isSpent({ MaxAttempts, ExpireAfterMin }: Policy, times: number, elapsed: number): boolean {
  if (ExpireAfterMin !== undefined) return elapsed > ExpireAfterMin * 60_000;
  return times >= (MaxAttempts ?? 5);
}

/** AWS: the exception types of "Retry Policy for Pipeline Steps". */
function kindOf(error: unknown): string | undefined {
  if (error instanceof StepFailed) return error.kind;
  if (!(error instanceof AwsFault)) return undefined;
  if (/Throttl|TooManyRequests/.test(error.code)) return "Step.THROTTLING";
  if (error.code === "ResourceLimitExceeded") return "SageMaker.RESOURCE_LIMIT";
  return (error.status ?? 400) >= 500 && error.code !== "NotImplemented" ? "Step.SERVICE_FAULT" : undefined;
}
