import { spawn } from "node:child_process";

/** How processes are kept apart on this machine. */
export type Isolation =
  | { readonly kind: "namespaces"; readonly as: "root" | "user"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

let detected: Promise<Isolation> | undefined;

export function detectIsolation(): Promise<Isolation> {
  detected ??= detect();
  return detected;
}

async function detect(): Promise<Isolation> {
  if (process.platform !== "linux") return { kind: "none", reason: `${process.platform} has no namespaces` };
  const [asRoot, asUser] = await Promise.all([
    process.getuid?.() === 0
      ? failureOf([...UNSHARE, ...MOUNT, "setpriv", "--reuid", "61184", "true"])
      : "the server is not root",
    failureOf([
      ...UNSHARE,
      "--user",
      "--map-root-user",
      ...MOUNT,
      "setpriv",
      "--bounding-set=-all",
      "--no-new-privs",
      "true",
    ]),
  ]);
  if (asRoot === undefined) {
    return { kind: "namespaces", as: "root", reason: "mount, pid and ipc namespaces; jobs run as users of their own" };
  }
  if (asUser === undefined) return { kind: "namespaces", as: "user", reason: "user, mount, pid and ipc namespaces" };
  return { kind: "none", reason: `namespaces are refused: ${asUser}` };
}

/** Tried as it is used: mounting, above all, is what systems refuse that let a namespace be made. */
const UNSHARE = ["setpriv", "--pdeathsig", "KILL", "unshare", "-m", "-p", "-i", "-f", "--kill-child"];
const MOUNT = ["/bin/sh", "-c", 'mount -c -t tmpfs tmpfs /mnt && "$@"', "sh"];

/** What went wrong; undefined when nothing did. */
function failureOf([command = "", ...args]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" };
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) =>
      resolve(code === 0 ? undefined : said.trim().split("\n").at(-1) || `exit code ${code}`),
    );
  });
}
