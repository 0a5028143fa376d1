import { type AssumedRole, type Context, type ProcessEnd, spawnProcess } from "#kernel";
import { type ContainerProcess, type Runtime, toProcess } from "../compute/index.ts";
import { GRACE_MILLISECONDS, SHUTDOWN_GRACE_MILLISECONDS } from "./job-life.ts";
import type { WorkFolder } from "./work-folder.ts";

/** A job's container. */
export interface JobContainer {
  readonly runtime: Runtime;
  readonly packages?: string | undefined;
  readonly readyPackages?: Readonly<Record<string, string>> | undefined;
  readonly folder: WorkFolder;
  readonly program: ContainerProcess["program"];
  readonly environment: Readonly<Record<string, string>>;
  readonly role: AssumedRole;
  readonly network: boolean;
  readonly onLine: (line: string) => void;
  /** Aborted with a `StopCause`: the container is ended. */
  readonly signal: AbortSignal;
}

/** Runs it to its end. */
export async function runContainer(ctx: Context, container: JobContainer): Promise<ProcessEnd> {
  const { runtime, packages, readyPackages, folder, program, network, signal, onLine } = container;
  const environment = { ...container.environment, ...credentials(ctx, container.role) };
  const at = {
    runtime,
    packages,
    readyPackages,
    program,
    ml: folder.ml,
    tmp: folder.tmp,
    environment,
    id: folder.path,
    network,
  };
  const running = await spawnProcess({
    ...(await toProcess(ctx.kernel.settings, at)),
    onLine: (_stream, line) => onLine(line),
  });
  running.stdin.end();
  const stop = () => void running.stop(signal.reason === "shutdown" ? SHUTDOWN_GRACE_MILLISECONDS : GRACE_MILLISECONDS);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return running.ended;
}

/** AWS gives them by an address inside the machine; every SDK reads these as well. */
export function credentials(ctx: Context, role: AssumedRole): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: role.accessKeyId,
    AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
    AWS_SESSION_TOKEN: role.sessionToken,
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_ENDPOINT_URL: ctx.kernel.endpoint,
  };
}
