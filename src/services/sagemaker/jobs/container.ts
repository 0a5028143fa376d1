import { homedir } from "node:os";
import { join } from "node:path";
import { type AssumedRole, type Context, describeSandbox, type ProcessEnd, spawnProcess } from "#kernel";
import { installerEnvironment, machineEnvironment, type Runtime } from "../compute/index.ts";
import { GRACE_MILLISECONDS, SHUTDOWN_GRACE_MILLISECONDS } from "./job-life.ts";
import type { WorkFolder } from "./work-folder.ts";

/** A job's process, as its container on AWS would be. */
export interface Container {
  readonly runtime: Runtime;
  readonly folder: WorkFolder;
  /** Undefined: the image's own. */
  readonly entrypoint: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly role: AssumedRole;
  readonly network: boolean;
  readonly onLine: (line: string) => void;
  /** Aborted with a `StopCause`: the container is ended. */
  readonly signal: AbortSignal;
}

/** The image's `train`. */
const TRAIN = ["python3", "-m", "cauce_container.train"];

export async function runContainer(ctx: Context, container: Container): Promise<ProcessEnd> {
  const { runtime, folder } = container;
  const { settings } = ctx.kernel;
  const isolated = (await describeSandbox()).kind === "namespaces";
  const library = join(settings.assets, "python", "src");
  // Where /opt/ml cannot be mounted, arguments that name it get the folder itself.
  const [command = "", ...args] = (container.entrypoint ?? TRAIN).map((word) =>
    isolated ? word : word.replaceAll("/opt/ml", folder.ml),
  );
  const running = await spawnProcess({
    command: command === "python3" || command === "python" ? runtime.python : command,
    args,
    cwd: isolated ? "/tmp" : folder.tmp,
    env: {
      ...machineEnvironment(),
      ...basicEnvironment(runtime),
      ...container.environment,
      ...credentials(ctx, container.role),
      ...(container.entrypoint === undefined && imageEnvironment(library, runtime, container.network)),
      ...(!isolated && { CAUCE_OPT_ML: folder.ml, TMPDIR: folder.tmp }),
    },
    onLine: (_stream, line) => container.onLine(line),
    records: join(settings.home, "processes"),
    sandbox: {
      writable: { "/opt/ml": folder.ml },
      tmp: folder.tmp,
      hidden: [settings.home, homedir()],
      visible: [...runtime.visible, join(library, "cauce_container")],
      slot: Number.parseInt(folder.path.slice(-6), 36) || 0,
      network: container.network,
    },
  });
  running.stdin.end();
  const stop = () =>
    void running.stop(container.signal.reason === "shutdown" ? SHUTDOWN_GRACE_MILLISECONDS : GRACE_MILLISECONDS);
  container.signal.addEventListener("abort", stop, { once: true });
  if (container.signal.aborted) stop();
  return running.ended;
}

function basicEnvironment(runtime: Runtime): Record<string, string> {
  return {
    PATH: `${join(runtime.folder, "bin")}:/usr/local/bin:/usr/bin:/bin`,
    HOME: "/tmp",
    LANG: "C.UTF-8",
    PYTHONUNBUFFERED: "TRUE",
    PYTHONIOENCODING: "UTF-8",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

/** AWS gives them by an address inside the machine; every SDK reads these as well. */
function credentials(ctx: Context, role: AssumedRole): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: role.accessKeyId,
    AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
    AWS_SESSION_TOKEN: role.sessionToken,
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_ENDPOINT_URL: ctx.kernel.endpoint,
  };
}

/** Only the image's own program gets it: where Cauce's part of the container is, and where pip finds its index. */
function imageEnvironment(library: string, runtime: Runtime, network: boolean): Record<string, string> {
  const installer = Object.entries(installerEnvironment()).filter(
    ([name]) => !/^(PATH|HOME|LANG|LC_|TMPDIR|XDG_|PYENV_)/.test(name),
  );
  return {
    PYTHONPATH: library,
    CAUCE_ALGORITHM: runtime.algorithm,
    ...(network && { CAUCE_INSTALLER_ENVIRONMENT: JSON.stringify(Object.fromEntries(installer)) }),
  };
}
