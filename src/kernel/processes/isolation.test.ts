import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** A user that has nothing of its own: nobody. */
const AS_NOBODY = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cauce-isolation-"));
  chmodSync(folder, 0o777);
  await build({
    stdin: { contents: PROBE, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: join(folder, "probe.mjs"),
    logLevel: "error",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Isolates a process that looks around, and tells what it saw. */
const PROBE = `
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { describeSandbox, runProcess } from "./index.ts";
const home = mkdtempSync(process.argv[2] + "/home-");
for (const name of ["ml", "tmp", "shown"]) mkdirSync(home + "/" + name);
writeFileSync(home + "/credentials", "secret");
writeFileSync(home + "/shown/lib", "library");
const lines = [];
const script = "echo hi > /opt/ml/out; umount " + home + "; unshare -Urm umount " + home + "; cat " + home + "/credentials; cat " + home + "/shown/lib; echo; echo x > " + home + "/shown/lib; ls -d /proc/[0-9]* | wc -l";
const sandbox = { writable: { "/opt/ml": home + "/ml" }, tmp: home + "/tmp", hidden: [home], visible: [home + "/shown"] };
await runProcess({ command: "sh", args: ["-c", script], env: { PATH: "/usr/bin:/bin" }, sandbox, onLine: (stream, line) => stream === "stdout" && lines.push(line) });
const read = (name) => { try { return readFileSync(home + name, "utf8"); } catch { return ""; } };
console.log(JSON.stringify({ sandbox: await describeSandbox(), lines, written: read("/ml/out"), library: read("/shown/lib") }));
`;

interface Seen {
  readonly sandbox: { readonly kind: string; readonly as?: string; readonly reason: string };
  readonly lines: readonly string[];
  readonly written: string;
  readonly library: string;
}

function probe(around: readonly string[], base: string): Seen {
  const [command = "", ...args] = [...AS_NOBODY, ...around, process.execPath, join(folder, "probe.mjs"), base];
  return JSON.parse(
    execFileSync(command, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    }),
  ) as Seen;
}

describe("an ordinary user", () => {
  it("isolates by a user namespace: an own /opt/ml, nothing of the home, no way back", () => {
    // /tmp is replaced as a whole; a home elsewhere has to be covered by itself.
    for (const base of [folder, "/var/tmp"]) {
      const seen = probe([], base);
      expect(seen.sandbox).toMatchObject({ kind: "namespaces", as: "user" });
      expect(seen).toMatchObject({ written: "hi\n", library: "library" });
      expect(seen.lines.slice(0, -1)).toEqual(["library"]);
      expect(Number(seen.lines.at(-1))).toBeLessThan(10);
      execFileSync("sh", ["-c", "rm -rf /var/tmp/home-*"]);
    }
  });

  it("says why it cannot, where namespaces are refused, and runs without", () => {
    const refuse = [
      "unshare",
      "--user",
      "--map-root-user",
      "sh",
      "-c",
      'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all "$@"',
      "sh",
    ];
    const seen = probe(refuse, folder);
    expect(seen.sandbox.kind).toBe("none");
    expect(seen.sandbox.reason).toMatch(/namespaces are refused: unshare: .+/);
    expect(seen.lines).toContain("secretlibrary");
  });
});
