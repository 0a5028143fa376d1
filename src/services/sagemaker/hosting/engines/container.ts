import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CauceError, messageOf } from "#core";
import type { ProcessEnd, Settings } from "#kernel";
import { requirePackages, requireRuntime, type Runtime } from "../../compute/index.ts";
import type { VariantRow } from "../state.ts";
import { type Engine, EngineFailure, type EngineReply, type EngineRequest, type WriteLine } from "./engine.ts";
import { lastWords, rememberLines } from "./last-words.ts";
import { createPool, type Pool, type PoolWorker } from "./pool.ts";
import { invocations, WorkerGone, WorkerTimeout } from "./worker.ts";
import { startWorker, whenReady, type WorkerProcess, type WorkerSpec } from "./worker-process.ts";

export interface ContainerOptions {
  readonly settings: Settings;
  /** With the model in `ml/model`; goes with the engine. */
  readonly folder: string;
  readonly variant: VariantRow;
  readonly credentials: Readonly<Record<string, string>>;
  readonly write: WriteLine;
  readonly signal: AbortSignal;
  /** Instead of the sentence about an endpoint. */
  readonly unhealthy?: string;
}

/** Python workers in the image's runtime: each loads the model once, one that ends is started again. */
export async function createContainerEngine(options: ContainerOptions): Promise<Engine> {
  const { settings, folder, variant, signal } = options;
  const lines = rememberLines(options.write);
  const runtime = await requireRuntime(settings, variant.image, {
    signal,
    onProgress: (line) => lines.write(`[runtime] ${line}`),
  });
  const packages = await providePackages(options, runtime, lines.write);
  const tmp = await makeTemporaryFolder(folder);
  const pool = createPool();
  const life = new AbortController();
  const specs = Array.from({ length: workerCount(variant) }, (_, number): WorkerSpec => {
    return { ...options, runtime, packages, ml: join(folder, "ml"), tmp, number, write: lines.write };
  });
  const stop = async (grace: number) => {
    const timer = new AbortController();
    const late = sleep(grace, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([pool.drained(), late]);
    timer.abort();
    life.abort();
    await Promise.allSettled(kept);
    await Promise.all([folder, tmp].map((path) => rm(path, { recursive: true, force: true, maxRetries: 3 })));
  };
  let kept: Promise<void>[] = [];
  try {
    // One worker is enough to serve: the others follow, and need not install the same things at the same time.
    const first = await startReady(specs[0] as WorkerSpec, lines.kept, signal, options.unhealthy);
    kept = specs.map((spec, number) => keep(spec, number === 0 ? first : undefined, pool, life.signal));
  } catch (error) {
    await stop(0);
    throw error;
  }
  return { kind: "container", invoke: (request) => pool.invoke(request), stop };
}

/** What the model's program wants besides the image, when its code lies there already; made once, for every worker and every start. */
async function providePackages(
  options: ContainerOptions,
  runtime: Runtime,
  write: WriteLine,
): Promise<string | undefined> {
  const { settings, folder, variant, signal } = options;
  const { SAGEMAKER_PROGRAM: program, SAGEMAKER_SUBMIT_DIRECTORY: code = "/opt/ml/model/code" } = variant.environment;
  const at = code.startsWith("s3://") ? "/opt/ml/code" : code;
  if (program === undefined || !at.startsWith("/opt/ml/")) return undefined;
  try {
    return await requirePackages(settings, runtime, join(folder, "ml", at.slice("/opt/ml/".length)), {
      signal,
      network: variant.isolated !== true,
      onProgress: (line) => write(`[packages] ${line}`),
    });
  } catch (error) {
    if (!(error instanceof CauceError)) throw error;
    const { what, why, fix } = error.explanation;
    throw new EngineFailure(`${sentenceFor(options)} ${what} ${why} ${fix}`);
  }
}

/** AWS: what a container has to be ready in, unless the variant says otherwise. */
const STARTUP_SECONDS = 300;

async function startReady(
  spec: WorkerSpec,
  said: readonly string[],
  signal: AbortSignal,
  sentence = sentenceFor(spec),
): Promise<WorkerProcess> {
  const worker = await startWorker(spec);
  const abort = () => void worker.stop();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const readiness = await whenReady(worker, (spec.variant.startupSeconds ?? STARTUP_SECONDS) * 1000, signal);
    if (readiness === "ready") return worker;
    throw notHealthy(sentence, readiness, said);
  } catch (error) {
    await worker.stop();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** AWS: this sentence, as users report it in public; the lines that say why are added by us. */
function sentenceFor({ variant, unhealthy }: { readonly variant: VariantRow; readonly unhealthy?: string }): string {
  return (
    unhealthy ??
    `The primary container for production variant ${variant.name} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`
  );
}

function notHealthy(
  sentence: string,
  readiness: "refused" | "late" | { end: ProcessEnd },
  said: readonly string[],
): EngineFailure {
  const end = typeof readiness === "object" ? readiness.end : undefined;
  return new EngineFailure(`${sentence} ${lastWords(said, end)}`.trim());
}

/** A worker's place: whoever ends there is followed by another, sooner when it had worked, until the engine stops. */
async function keep(spec: WorkerSpec, first: WorkerProcess | undefined, pool: Pool, life: AbortSignal): Promise<void> {
  let worker = first;
  for (let pause = 100; !life.aborted; pause = Math.min(pause * 2, 10_000)) {
    if (worker) {
      pause = 100;
      await serve(worker, pool, life);
      worker = undefined;
      if (life.aborted) return;
      spec.write(`Worker ${spec.number} ended; another one is started.`);
    }
    await sleep(pause, undefined, { signal: life }).catch(() => {});
    worker = await startReady(spec, [], life).catch((error: unknown) => {
      if (!life.aborted) spec.write(`Worker ${spec.number} could not be started again: ${messageOf(error)}`);
      return undefined;
    });
  }
  await worker?.stop();
}

/** Until the process ends or the engine stops. */
async function serve(worker: WorkerProcess, pool: Pool, life: AbortSignal): Promise<void> {
  const leave = () => {
    pool.remove(member);
    void worker.stop();
  };
  const member: PoolWorker = { invoke: (request) => invoke(worker, request, leave) };
  pool.add(member);
  const stopped = new Promise<void>((resolve) => life.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([worker.ended.catch(() => {}), stopped]);
  pool.remove(member);
  await worker.stop();
}

async function invoke(worker: WorkerProcess, request: EngineRequest, leave: () => void): Promise<EngineReply> {
  try {
    return await invocations(worker.door, request);
  } catch (error) {
    // What broke off, or hangs, takes no other request: it goes before the pool could give it one.
    leave();
    if (error instanceof WorkerGone) throw error;
    // AWS: both sentences as users report them in public, with the status 0 for a container that did not answer.
    const late = error instanceof WorkerTimeout;
    const body = late
      ? "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
      : "The container ended while it answered. Its log says why.";
    return { status: late ? 0 : 500, body, contentType: "text/plain" };
  }
}

/** AWS: the image starts one worker a vCPU unless this variable says otherwise; here two at most share the machine. */
function workerCount({ environment }: VariantRow): number {
  const asked = Number(environment["SAGEMAKER_MODEL_SERVER_WORKERS"]);
  const most = Math.max(1, availableParallelism());
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, most) : Math.min(2, most);
}

/** Systems cut the paths of sockets at about 100 characters. */
async function makeTemporaryFolder(folder: string): Promise<string> {
  const own = join(folder, "tmp");
  const made = own.length > 80 ? await mkdtemp(join(tmpdir(), "cauce-")) : (await mkdir(own, { recursive: true }), own);
  await chmod(made, 0o700);
  return made;
}
