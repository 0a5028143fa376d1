import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import { accountOf, type Clients, invokeUrl, type Target, withClients } from "#aws";
import { type AssetObject, assetObjects, gather } from "./assets.ts";
import { type Execution, listExecutions, listSteps, startExecution } from "./execution.ts";
import type { Place } from "./names.ts";
import type { Progress, WatchOptions } from "./progress.ts";
import { applyStack, findStack, isComplete, outputOf } from "./stack.ts";
import { type Summary, summarise } from "./summary.ts";
import { type Bringable, synth } from "./synth.ts";
import { uploadAssets } from "./upload-assets.ts";
import type { ResolvedProject } from "./validate.ts";
import { watchExecution } from "./watch.ts";
import { type ScalingAt, stopScalingOf, watchScaling } from "./scaling.ts";
import { lookAtServing, serves } from "./serving-now.ts";
import { type Deployed, invokeDeploy, watchEndpoint } from "./watch-endpoint.ts";
import { watchInside } from "./watch-inside.ts";
import { findVersion, type Version } from "./versions.ts";

export interface UpOptions extends WatchOptions {
  /** The project's own folder. */
  readonly folder: string;
  /** What ships with Cauce: `python/`, `dist/functions/`. */
  readonly assets: string;
  /** Ours, for zips. */
  readonly cache: string;
  /** Runs the pipeline even when nothing has changed. */
  readonly force?: boolean;
}

/** From a project to a URL. Again with nothing changed it does nothing; cut off, it goes on where it was. */
export function up(target: Target, project: ResolvedProject, options: UpOptions): Promise<Summary> {
  return bring(target, project, options, (aws) => prepareUp(aws, target, project, options));
}

export type BringOptions = WatchOptions & Pick<UpOptions, "force">;

/** What is common to a project and to a model that was given: upload, stack, run, approval, endpoint, summary. */
export async function bring(
  target: Target,
  project: ResolvedProject,
  options: BringOptions,
  make: (aws: Clients) => Promise<Made>,
): Promise<Summary> {
  const started = performance.now();
  const steps = new Map<string, Progress>();
  const watched: BringOptions = {
    ...options,
    onProgress(progress) {
      if (progress.state !== "running") steps.set(progress.step, progress);
      options.onProgress?.(progress);
    },
  };
  return withClients(target, async (aws) => {
    const made = await make(aws);
    const before = await lookAt(aws, made.synth, project);
    const unchanged = !options.force && before.standing;
    const after = unchanged
      ? before
      : await bringUp({ target, aws }, project, made, { ...watched, before, secure: target.securesBucket });
    const url = urlOf(target, after.stack);
    return await summarise(aws, {
      project,
      url,
      executionSteps: after.steps,
      version: after.version,
      unchanged,
      steps: [...steps.values()],
      seconds: (performance.now() - started) / 1000,
    });
  });
}

export interface Made {
  readonly synth: Bringable;
  /** What must lie in the bucket before the stack is made. */
  readonly objects: readonly AssetObject[];
  readonly place: Place;
}

async function prepareUp(
  aws: Clients,
  target: Target,
  project: ResolvedProject,
  places: { readonly folder: string; readonly assets: string; readonly cache: string },
): Promise<Made> {
  const place = { account: await accountOf(target, aws), region: target.region };
  const gathered = await gather(project, { ...places, aws, platform: target.functionPlatform ?? "linux-x64" });
  const made = synth(project, gathered.contents, place);
  return { synth: made, objects: assetObjects(made, gathered), place };
}

interface Now {
  readonly stack: Awaited<ReturnType<typeof findStack>>;
  readonly execution: Execution | undefined;
  readonly steps: readonly PipelineExecutionStep[];
  readonly version: Version | undefined;
  /** Everything is as the project says. */
  readonly standing: boolean;
}

async function lookAt(
  aws: Clients,
  { names, fingerprint, runFingerprint }: Bringable,
  { deploy }: ResolvedProject,
): Promise<Now> {
  const [stack, executions, now] = await Promise.all([
    findStack(aws, names.stack),
    listExecutions(aws, names.pipeline),
    lookAtServing(aws, names),
  ]);
  const [execution] = executions;
  const same = stack !== undefined && isComplete(stack) && outputOf(stack, "Fingerprint") === fingerprint;
  const ran = execution?.fingerprint === runFingerprint && execution.status === "Succeeded";
  const steps = ran ? await listSteps(aws, execution.arn) : [];
  const version = await versionOf(aws, steps);
  const serving = version !== undefined && serves(now, deploy, `${names.endpoint}-${version.number}-`);
  return {
    stack,
    execution,
    steps,
    version,
    standing: same && ran && (serving || version?.approval === "PendingManualApproval"),
  };
}

async function bringUp(
  at: ScalingAt,
  project: ResolvedProject,
  made: Made,
  options: BringOptions & { readonly before: Now; readonly secure: boolean | undefined },
): Promise<Now> {
  const { aws } = at;
  const { synth: out } = made;
  await uploadAssets(
    aws,
    { bucket: out.names.bucket, place: made.place, secure: options.secure, objects: made.objects },
    options,
  );
  // Before the stack that knows of it is changed.
  await stopScalingOf(options.before.stack, at, { project, names: out.names });
  const { stack, changed } = await applyStack(aws, out, options);
  const { execution } = options.before;
  const same = execution?.fingerprint === out.runFingerprint && !options.force;
  const ran = same && execution.status === "Succeeded";
  const running = same && execution.status === "Executing";
  const steps = ran
    ? options.before.steps
    : await watchExecution(aws, running ? execution.arn : await startExecution(aws, out), {
        ...options,
        programs: programsOf(project),
      });
  const version = await versionOf(aws, steps);
  const now = { stack, execution, steps, version, standing: true };
  if (version === undefined) return now;
  if (version.approval !== "Approved") {
    options.onProgress?.({
      step: "deploy",
      state: "waiting",
      facts: { version: version.number, approval: version.approval },
      elapsed: 0,
    });
    return now;
  }
  // Nothing was registered, so no event comes: how it is served has changed, or it does not serve.
  if (ran && (changed || !options.before.standing)) await invokeDeploy(aws, out.names, version.arn);
  await watchServing(at, { project, names: out.names, version: version.number, packageArn: version.arn }, options);
  return now;
}

async function watchServing(at: ScalingAt, of: Deployed, options: BringOptions): Promise<void> {
  const { deploy } = of.project;
  if (deploy.on === "lambda") return watchInside(at.aws, of, options);
  await watchEndpoint(at.aws, of, options);
  if (deploy.on === "endpoint" && deploy.scaling) await watchScaling(at, of.names, deploy.scaling, options);
}

function programsOf({ prepare, train }: ResolvedProject): NonNullable<WatchOptions["programs"]> {
  return {
    ...(prepare.script !== undefined && { script: prepare.script }),
    ...(train.script !== undefined && { train: train.script }),
  };
}

async function versionOf(aws: Clients, steps: readonly PipelineExecutionStep[]): Promise<Version | undefined> {
  const arn = steps.find((step) => step.StepName === "Register")?.Metadata?.RegisterModel?.Arn;
  return arn === undefined ? undefined : findVersion(aws, arn);
}

export function urlOf(target: Target, stack: Now["stack"]): string | undefined {
  const [id, stage, path] = ["ApiId", "ApiStage", "ApiPath"].map((key) => outputOf(stack, key));
  return id && stage && path ? invokeUrl(target, { id, stage, path }) : undefined;
}
