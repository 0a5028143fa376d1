import { homedir } from "node:os";
import { join } from "node:path";
import { describeSandbox, type ProcessSpec, type Settings } from "#kernel";
import { machineEnvironment } from "./host.ts";
import { type PipSettings, pipSettings } from "./pip-settings.ts";
import type { Runtime } from "./runtime.ts";

/** One process as its container on AWS would be: what it runs, and what it sees. */
export interface ContainerProcess {
  readonly runtime: Runtime;
  /** The image's own program, or what replaces it; `packages` installs `/opt/ml/requirements.txt` into `/opt/ml/packages`. */
  readonly program: "train" | "serve" | "packages" | readonly string[];
  /** The folder that is its `/opt/ml`. */
  readonly ml: string;
  /** The folder that is its `/tmp`. */
  readonly tmp: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Tells containers of this machine apart: any text of its own. */
  readonly id: string;
  readonly network: boolean;
  /** Where the program's own requirements are installed already. */
  readonly packages?: string | undefined;
  /** Other such folders, by the SHA-256 of their requirements.txt, for a program that unpacks its code itself. */
  readonly readyPackages?: Readonly<Record<string, string>> | undefined;
}

/** How to start it, by `runProcess` or `spawnProcess`. */
export async function toProcess(settings: Settings, container: ContainerProcess): Promise<ProcessSpec> {
  const { runtime, ml, tmp, network, packages, readyPackages = {} } = container;
  const isolated = (await describeSandbox()).kind === "namespaces";
  const library = join(settings.assets, "python", "src");
  const own = typeof container.program === "string";
  // A job's own program installs for itself; the image's do so before a script begins, which then need not know.
  const pip = network ? pipSettings() : NO_PIP;
  const words =
    typeof container.program === "string"
      ? ["python3", "-m", `cauce_container.${container.program}`]
      : container.program;
  // Where /opt/ml cannot be mounted, words that name it get the folder itself.
  const [command = "", ...args] = words.map((word) => (isolated ? word : word.replaceAll("/opt/ml", ml)));
  return {
    command: command === "python3" || command === "python" ? runtime.python : command,
    args,
    cwd: isolated ? "/tmp" : tmp,
    env: {
      ...machineEnvironment(),
      ...basicEnvironment(runtime),
      // AWS: packages of the image that scripts import from are there for whatever runs in it.
      PYTHONPATH: join(library, "cauce_container", "shims"),
      ...(own ? {} : pip.environment),
      ...container.environment,
      ...(own && programEnvironment(library, runtime, pip)),
      ...(packages !== undefined && { CAUCE_PACKAGES: packages }),
      ...(Object.keys(readyPackages).length > 0 && { CAUCE_READY_PACKAGES: JSON.stringify(readyPackages) }),
      ...(!isolated && { CAUCE_OPT_ML: ml, TMPDIR: tmp }),
    },
    records: join(settings.home, "processes"),
    sandbox: {
      writable: { "/opt/ml": ml },
      tmp,
      hidden: [settings.home, homedir(), ...(settings.hidden ?? [])],
      visible: [
        ...runtime.visible,
        join(library, "cauce_container"),
        ...(packages === undefined ? [] : [packages]),
        ...Object.values(readyPackages),
        ...pip.files,
      ],
      slot: toSlot(container.id),
      network,
    },
  };
}

const NO_PIP: PipSettings = { environment: {}, files: [] };

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

/** Only the image's own programs get it: where Cauce's part of the container is, and where pip finds its index. */
function programEnvironment(library: string, runtime: Runtime, { environment }: PipSettings): Record<string, string> {
  return {
    PYTHONPATH: library,
    CAUCE_ALGORITHM: runtime.algorithm,
    CAUCE_INSTALLER_ENVIRONMENT: JSON.stringify(environment),
  };
}

function toSlot(id: string): number {
  let slot = 0;
  for (const character of id) slot = (slot * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return slot;
}
