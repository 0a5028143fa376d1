import type { DeploySettings, Project } from "./define.ts";

/** How a model is served, with nothing left to guess. */
export type ServingWay =
  | {
      readonly on: "endpoint";
      /** To begin with. */
      readonly instances: number;
      readonly type: string;
      readonly scaling?: Scaling;
      /** Minutes without a request after which the endpoint goes. */
      readonly maxIdle?: number;
    }
  | { readonly on: "serverless"; readonly memory: number; readonly concurrency: number }
  | { readonly on: "lambda"; readonly memory: number };

/** By target tracking of SageMakerVariantInvocationsPerInstance. */
export interface Scaling {
  readonly min: number;
  readonly max: number;
  readonly invocationsPerInstance: number;
}

export const DEFAULT_TYPE = "ml.m5.large";

/** `type` is the endpoint's, its default filled in. */
export function resolveWay(deploy: DeploySettings | undefined, type: string): ServingWay {
  const { on = "endpoint", instances = 1, invocationsPerInstance, maxIdle, memory, concurrency } = deploy ?? {};
  if (on === "serverless") return { on, memory: memory ?? 2048, concurrency: concurrency ?? 5 };
  if (on === "lambda") return { on, memory: memory ?? 512 };
  const minutes = minutesIn(maxIdle);
  return {
    on,
    type,
    instances: typeof instances === "number" ? instances : instances.min,
    ...(typeof instances === "object" &&
      invocationsPerInstance !== undefined && { scaling: { ...instances, invocationsPerInstance } }),
    ...(minutes !== undefined && { maxIdle: minutes }),
  };
}

/** The instance type that a version is registered for: a project that only moves keeps its pipeline. */
export function typeToRegister(way: ServingWay): string {
  return way.on === "endpoint" ? way.type : DEFAULT_TYPE;
}

/** `45 minutes`, `8 hours`, `2 days`. */
export function minutesIn(text: unknown): number | undefined {
  const [, count, unit] = (typeof text === "string" && /^(\d{1,4}) (minute|hour|day)s?$/.exec(text)) || [];
  if (count === undefined || unit === undefined || Number(count) < 1) return undefined;
  const minutes = Number(count) * { minute: 1, hour: 60, day: 1440 }[unit as "minute" | "hour" | "day"];
  return minutes <= LONGEST_IDLE ? minutes : undefined;
}

/** Thirty days. */
const LONGEST_IDLE = 30 * 1440;

/** What does not go together: the field, what is expected there, and what is there. */
export interface Misfit {
  readonly field: string;
  readonly expected: string;
  readonly given: unknown;
}

/** Of settings each of which is right by itself. */
export function misfitOf({ deploy = {}, train = {} }: Project): Misfit | undefined {
  const { on = "endpoint", instances, invocationsPerInstance, memory } = deploy;
  const stray = (Object.keys(BELONGS) as (keyof typeof BELONGS)[]).find(
    (field) => deploy[field] !== undefined && !BELONGS[field].includes(on),
  );
  if (stray !== undefined) {
    const owners = BELONGS[stray].map((way) => `\`on: "${way}"\``).join(" or ");
    return { field: `deploy.${stray}`, expected: `left out: it belongs to ${owners}`, given: deploy[stray] };
  }
  if (on === "endpoint") return scalingMisfit(instances, invocationsPerInstance);
  const fits = on === "serverless" ? STEPS.includes(memory ?? 2048) : within(memory ?? 512, 128, 10_240);
  const expected = on === "serverless" ? "one of 1024, 2048, 3072, 4096, 5120, 6144" : "a number from 128 to 10240";
  if (!fits) return { field: "deploy.memory", expected, given: memory };
  const own =
    train.script !== undefined ? ("script" as const) : train.image !== undefined ? ("image" as const) : undefined;
  if (on === "serverless" || own === undefined) return undefined;
  const why = "a model of its own program cannot be scored inside a Lambda function";
  return { field: "deploy.on", expected: `"endpoint" or "serverless": ${why} (\`train.${own}\`)`, given: on };
}

function scalingMisfit(instances: DeploySettings["instances"], requests: number | undefined): Misfit | undefined {
  const scaled = typeof instances === "object";
  if (scaled && requests === undefined) {
    const expected = "the requests a minute that one instance shall have, such as 200";
    return { field: "deploy.invocationsPerInstance", expected, given: undefined };
  }
  if (scaled || requests === undefined) return undefined;
  return {
    field: "deploy.instances",
    expected: "two numbers to scale between, such as { min: 1, max: 4 }",
    given: instances,
  };
}

const BELONGS = {
  instances: ["endpoint"],
  invocationsPerInstance: ["endpoint"],
  type: ["endpoint"],
  maxIdle: ["endpoint"],
  memory: ["serverless", "lambda"],
  concurrency: ["serverless"],
} as const satisfies Readonly<Record<string, readonly ServingWay["on"][]>> as Readonly<
  Record<
    "instances" | "invocationsPerInstance" | "type" | "maxIdle" | "memory" | "concurrency",
    readonly ServingWay["on"][]
  >
>;

/** AWS: "Valid values are in 1 GB increments". ProductionVariantServerlessConfig, API reference. */
const STEPS = [1024, 2048, 3072, 4096, 5120, 6144];

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
