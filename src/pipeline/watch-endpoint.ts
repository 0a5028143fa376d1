import { type Clients, poll } from "#aws";
import { CauceError, isRecord, parseJson } from "#core";
import { type EndpointNow, findEndpoint } from "./endpoint.ts";
import { explanationIn } from "./failure.ts";
import { programFailure } from "./script-failure.ts";
import type { Names } from "./names.ts";
import type { WatchOptions } from "./progress.ts";
import { wayFacts } from "./serving-now.ts";
import type { ResolvedProject } from "./validate.ts";

/** How long an event may take before the deployment is asked for directly, which also says why it does not happen. */
export const PATIENCE_MS = 6_000;

export interface Deployed {
  readonly project: ResolvedProject;
  readonly names: Names;
  readonly version: number;
  readonly packageArn: string;
}

/** Follows the endpoint until the version serves. */
export async function watchEndpoint(aws: Clients, of: Deployed, options: WatchOptions): Promise<void> {
  const { names, project, version } = of;
  const started = performance.now();
  const facts = { endpoint: names.endpoint, version, ...wayFacts(project.deploy, names) };
  const tell = (state: "running" | "done" | "failed", now: EndpointNow | undefined) =>
    options.onProgress?.({
      step: "deploy",
      state,
      facts: { ...facts, ...(now && { status: now.status }) },
      elapsed: (performance.now() - started) / 1000,
    });
  let asked = false;
  let updating = false;
  const ours = (now: EndpointNow | undefined) => now?.config.startsWith(`${names.endpoint}-${version}-`) ?? false;
  // What served before may have failed long ago; and in service with another configuration after an update is a rollback.
  const done = (now: EndpointNow | undefined) =>
    now !== undefined &&
    ((now.status === "Failed" && (ours(now) || asked)) || (now.status === "InService" && (ours(now) || updating)));
  const last = await poll(() => findEndpoint(aws, names.endpoint), done, {
    signal: options.signal,
    onAnswer: async (now) => {
      updating ||= now?.status === "Updating";
      if (done(now)) return;
      tell("running", now);
      const idle = now === undefined || now.status === "Failed" || (now.status === "InService" && !updating);
      if (asked || !idle || ours(now) || performance.now() - started < PATIENCE_MS) return;
      asked = true;
      await insist(aws, of, ours);
    },
  });
  const serves = ours(last) && last?.status === "InService";
  tell(serves ? "done" : "failed", last);
  if (!serves) throw notServing(version, last);
}

/** Asks for the deployment; when it cannot be done because the event has come after all, that is as well. */
async function insist(aws: Clients, of: Deployed, ours: (now: EndpointNow | undefined) => boolean): Promise<void> {
  try {
    await invokeDeploy(aws, of.names, of.packageArn);
  } catch (error) {
    const now = await findEndpoint(aws, of.names.endpoint);
    if (!ours(now) && now?.status !== "Updating" && now?.status !== "Creating") throw error;
  }
}

function notServing(version: number, last: EndpointNow | undefined): CauceError {
  const own = programFailure(last?.failureReason ?? "");
  if (own !== undefined) {
    return new CauceError({
      code: "EndpointFailed",
      what: own,
      why: `So version ${version} does not serve: its container did not start.`,
      fix: "Correct it; `cauce logs deploy` shows the whole trace.",
    });
  }
  return new CauceError({
    code: "EndpointFailed",
    what: `Version ${version} does not serve.`,
    why: last?.failureReason ?? "The endpoint went back to what it served before.",
    fix: "`cauce logs deploy` shows what the model's container said.",
  });
}

/** The same entry that an approval takes, asked for directly: when only the settings of the endpoint have changed, or an event was lost. */
export function invokeDeploy(aws: Clients, names: Names, ModelPackageArn: string): Promise<void> {
  const detail = { ModelPackageArn, ModelPackageGroupName: names.group };
  return invoke(aws, names, { "detail-type": "SageMaker Model Package State Change", detail });
}

/** The entry that the endpoint's own event takes. */
export function invokeSettle(aws: Clients, names: Names): Promise<void> {
  const detail = { EndpointName: names.endpoint, EndpointStatus: "IN_SERVICE" };
  return invoke(aws, names, { "detail-type": "SageMaker Endpoint State Change", detail });
}

async function invoke(aws: Clients, names: Names, event: object): Promise<void> {
  const answer = await (
    await aws.lambda()
  ).invoke({
    FunctionName: names.functions.deploy,
    Payload: Buffer.from(JSON.stringify({ source: "cauce", ...event })),
  });
  if (!answer.FunctionError) return;
  const payload = parseJson(Buffer.from(answer.Payload ?? []).toString());
  const message = isRecord(payload) ? String(payload["errorMessage"] ?? "") : "";
  throw new CauceError(
    explanationIn(message) ?? {
      code: "DeployFailed",
      what: `The function ${names.functions.deploy} could not deploy the version.`,
      why: message || "It gave no reason.",
      fix: "`cauce logs deploy` shows what it said.",
    },
  );
}
