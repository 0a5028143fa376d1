import { spawn } from "node:child_process";

/** How processes are kept apart on this machine. */
export type Isolation =
  | { readonly kind: "namespaces"; readonly as: "root" | "user"; readonly reason: string; readonly setpriv: boolean }
  | { readonly kind: "none"; readonly reason: string; readonly setpriv: boolean };

let detected: Promise<Isolation> | undefined;

export function detectIsolation(): Promise<Isolation> {
  detected ??= detect();
  return detected;
}

async function detect(): Promise<Isolation> {
  if (process.platform !== "linux")
    return { kind: "none", reason: `${process.platform} has no namespaces`, setpriv: false };
  const [setpriv, asRoot, asUser] = await Promise.all([
    succeeds(["setpriv", "--pdeathsig", "KILL", "true"]),
    process.getuid?.() === 0
      ? succeeds(["unshare", "-m", "-p", "-i", "-f", "--kill-child", ...TRIAL, "setpriv", "--reuid", "61184", "true"])
      : "the server is not root",
    succeeds([
      "unshare",
      "--user",
      "--map-root-user",
      "-m",
      "-p",
      "-i",
      "-f",
      "--kill-child",
      ...TRIAL,
      "setpriv",
      "--bounding-set=-all",
      "--no-new-privs",
      "true",
    ]),
  ]);
  const dies = setpriv === undefined;
  if (!dies) return { kind: "none", reason: `setpriv (util-linux) does not work here: ${setpriv}`, setpriv: false };
  if (asRoot === undefined)
    return {
      kind: "namespaces",
      as: "root",
      reason: "mount, pid and ipc namespaces; jobs run as users of their own",
      setpriv: dies,
    };
  if (asUser === undefined)
    return { kind: "namespaces", as: "user", reason: "user, mount, pid and ipc namespaces", setpriv: dies };
  return { kind: "none", reason: `namespaces are refused: ${asUser}`, setpriv: dies };
}

/** Mounting is what systems refuse that let a namespace be made. */
const TRIAL = ["/bin/sh", "-c", 'mount -t tmpfs tmpfs /mnt && "$@"', "sh"];

/** Undefined, or what went wrong. */
function succeeds([command = "", ...args]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" },
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) =>
      resolve(code === 0 ? undefined : said.trim().split("\n").at(-1) || `exit code ${code}`),
    );
  });
}
