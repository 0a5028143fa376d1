import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Kernel, type RunningProcess, spawnProcess } from "#kernel";
import { credentialsPath } from "./credentials-door.ts";
import type { InstanceRow } from "./state.ts";

/** The folder that stands for an instance's disk. */
export function rootOf(kernel: Kernel, id: string): string {
  return join(kernel.settings.home, "ec2", "instances", id);
}

/** The folder that is a volume. */
export function volumeFolder(kernel: Kernel, id: string): string {
  return join(kernel.settings.home, "ec2", "volumes", id);
}

export function processRecords(kernel: Kernel): string {
  return join(kernel.settings.home, "ec2", "processes");
}

/** Its boot script has ended: where cloud-init, too, says so. */
export function bootMark(kernel: Kernel, id: string): string {
  return join(rootOf(kernel, id), "var", "lib", "cloud", "instance", "boot-finished");
}

const CONSOLE_BYTES = 64 * 1024;

/** AWS: the last 64 KB of what the instance wrote. GetConsoleOutput, API reference. */
export function readConsole(kernel: Kernel, id: string): Buffer | undefined {
  try {
    const whole = readFileSync(consoleOf(kernel, id));
    return whole.subarray(Math.max(0, whole.length - CONSOLE_BYTES));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Starts the process that an instance is: its boot script, and what that starts. */
export async function bootMachine(kernel: Kernel, row: InstanceRow): Promise<RunningProcess> {
  const root = rootOf(kernel, row.id);
  for (const folder of ["dev", "tmp", "var/lib/cloud/instance"])
    mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
  rmSync(bootMark(kernel, row.id), { force: true });
  const log = openSync(consoleOf(kernel, row.id), "a", 0o600);
  const write = (line: string) => writeSync(log, `${line}\n`);
  write(`[${new Date().toISOString()}] Cauce's image boots as ${row.id} at ${row.address}.`);
  const running = await spawnProcess({
    command: bootScript(kernel, row),
    cwd: root,
    env: environmentOf(kernel, row, root),
    // A server puts its last things away.
    graceMilliseconds: 10_000,
    records: processRecords(kernel),
    onLine: (_stream, line) => write(line),
  });
  running.stdin.end();
  void running.ended
    .then(
      (end) =>
        write("exitCode" in end ? `The boot script ended with code ${end.exitCode}.` : `Ended by ${end.signal}.`),
      () => {},
    )
    .finally(() => closeSync(log));
  return running;
}

function consoleOf(kernel: Kernel, id: string): string {
  return join(rootOf(kernel, id), "console.log");
}

/** AWS: user data is run when it begins with `#!`, as root, at the first boot. Without it a Linux idles; so does this. */
function bootScript(kernel: Kernel, row: InstanceRow): string {
  const file = join(rootOf(kernel, row.id), "var/lib/cloud/instance/user-data");
  const given = Buffer.from(row.userData ?? "", "base64").toString("utf8");
  writeFileSync(file, given.startsWith("#!") ? given : IDLE, { mode: 0o700 });
  chmodSync(file, 0o700);
  return file;
}

const IDLE = `#!/bin/sh
echo "There is no script in the user data: nothing to run."
mkdir -p var/lib/cloud/instance && : > var/lib/cloud/instance/boot-finished
while :; do sleep 3600; done
`;

/** All that tells a boot script that it runs here and not on AWS: CAUCE_INSTANCE, the folder that stands for its disk. */
function environmentOf(kernel: Kernel, row: InstanceRow, root: string): Record<string, string> {
  const { assets, home, account } = kernel.settings;
  const endpoint = kernel.endpoint.replace("//0.0.0.0:", "//127.0.0.1:");
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: homedir(),
    LANG: "C.UTF-8",
    CAUCE_INSTANCE: root,
    CAUCE_NODE: process.execPath,
    CAUCE_PROGRAM: join(assets, "dist", "cli.js"),
    CAUCE_HIDDEN: home,
    CAUCE_RUNTIMES: join(home, "runtimes"),
    CAUCE_ACCOUNT: account,
    AWS_REGION: row.region,
    // Nothing of the user's own AWS settings, which a home on this machine may hold.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: endpoint,
    ...(row.profile !== undefined && {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}${credentialsPath(row.id)}`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: row.secret,
    }),
  };
}
