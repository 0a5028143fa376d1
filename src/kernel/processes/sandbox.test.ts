import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeSandbox, runProcess, type Sandbox, spawnProcess } from "./index.ts";

const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
let home = "";

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "cauce-sandbox-"));
  writeFileSync(join(home, "credentials"), "secret", { mode: 0o600 });
  mkdirSync(join(home, "runtimes", "x"), { recursive: true });
  writeFileSync(join(home, "runtimes", "x", "lib"), "library");
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

function job(slot: number): Sandbox {
  const work = join(home, "jobs", String(slot));
  for (const name of ["ml", "tmp"]) mkdirSync(join(work, name), { recursive: true });
  chmodSync(home, 0o700);
  return {
    writable: { "/opt/ml": join(work, "ml") },
    tmp: join(work, "tmp"),
    hidden: [home],
    visible: [join(home, "runtimes", "x")],
    slot,
  };
}

async function shell(script: string, sandbox: Sandbox): Promise<string[]> {
  const lines: string[] = [];
  const end = await runProcess({
    command: "sh",
    args: ["-c", script],
    env,
    sandbox,
    onLine: (_, line) => lines.push(line),
  });
  return [...lines, "exitCode" in end ? `exit ${end.exitCode}` : `signal ${end.signal}`];
}

describe("a process in a sandbox", () => {
  it("can be isolated on this machine", async () => {
    expect(await describeSandbox()).toMatchObject({ kind: "namespaces" });
  });

  it("has /opt/ml of its own and writes there", async () => {
    const sandbox = job(1);
    expect(await shell("echo hello > /opt/ml/out && cat /opt/ml/out", sandbox)).toEqual(["hello", "exit 0"]);
    expect(readFileSync(join(home, "jobs/1/ml/out"), "utf8")).toBe("hello\n");
    const isolation = await describeSandbox();
    const ofItsOwn = isolation.kind === "namespaces" && isolation.as === "root";
    expect(statSync(join(home, "jobs/1/ml/out")).uid === process.getuid?.()).toBe(!ofItsOwn);
    expect(existsSync("/opt/ml")).toBe(false);
  });

  it("cannot read CAUCE_HOME, nor uncover it, nor write to what is shown to it", async () => {
    const script = `cat ${home}/credentials; umount ${home}; umount /tmp; unshare -Urm umount /tmp; ls ${home}; cat ${home}/runtimes/x/lib; echo; echo x > ${home}/runtimes/x/lib; echo x > ${home}/new`;
    const lines = await shell(script, job(2));
    expect(lines).not.toContain("secret");
    expect(lines).toContain("library");
    expect(lines.filter((line) => line === "runtimes")).toEqual(["runtimes"]);
    expect(readFileSync(join(home, "runtimes/x/lib"), "utf8")).toBe("library");
    expect(existsSync(join(home, "new"))).toBe(false);
  });

  it("does not see what runs beside it, nor the files in /tmp", async () => {
    expect(await shell("echo $(ls -d /proc/[0-9]* | wc -l); ls /tmp | grep -v cauce-sandbox", job(3))).toEqual([
      expect.stringMatching(/^[1-9]$/),
      "exit 1",
    ]);
  });

  it("does not see the /opt/ml of another that runs at the same time", async () => {
    const two = [4, 5].map((slot) =>
      shell(`echo ${slot} > /opt/ml/mine; sleep 0.2; ls /opt/ml; cat /opt/ml/mine`, job(slot)),
    );
    expect(await Promise.all(two)).toEqual([
      ["mine", "4", "exit 0"],
      ["mine", "5", "exit 0"],
    ]);
  });

  it("gets its variables, but the programs that set it up do not", async () => {
    const lines: string[] = [];
    const variables = { A: "b c", PATH: "/opt/ml:/usr/bin:/bin", LD_PRELOAD: "/nowhere.so" };
    await runProcess({ command: "env", env: variables, sandbox: job(11), onLine: (_, line) => lines.push(line) });
    expect(lines).toEqual(expect.arrayContaining(["A=b c", "PATH=/opt/ml:/usr/bin:/bin", "LD_PRELOAD=/nowhere.so"]));
    // The loader complains once, in the program itself, and not in each that went before.
    expect(lines.filter((line) => line.includes("cannot be preloaded"))).toHaveLength(1);
  });

  it("has no network when it should have none", async () => {
    expect(await shell("tail -n +3 /proc/net/dev | grep -v lo:", { ...job(6), network: false })).toEqual(["exit 1"]);
  });

  it("gives its exit code, and the signal that ended it", async () => {
    expect(await shell("exit 7", job(7))).toEqual(["exit 7"]);
    expect(await shell("kill -SEGV $$", job(7))).toContain("signal SIGSEGV");
  });

  it("ends by SIGTERM when it listens, and by SIGKILL with all its children when it does not", async () => {
    const lines: string[] = [];
    const run = async (script: string) => {
      const started = withResolvers();
      const running = await spawnProcess({
        command: "sh",
        args: ["-c", script],
        env,
        sandbox: job(8),
        onLine: (_, line) => {
          lines.push(line);
          started.resolve();
        },
      });
      await started.promise;
      return running.stop(300);
    };
    expect(await run(`trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done`)).toEqual({ exitCode: 0 });
    // The shell itself tells of the sleep that was ended.
    expect(lines.filter((line) => line !== "Terminated")).toEqual(["up", "saved"]);
    expect(await run(`trap '' TERM; echo up; setsid sleep 300 & while :; do sleep 0.05; done`)).toEqual({
      signal: "SIGKILL",
    });
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(home);
  });

  it("ends when it is stopped while it is being set up", async () => {
    // Long before the grace is over: a signal that got lost would be followed by SIGKILL only then.
    for (const pause of [0, 2, 5, 10, 20, 40]) {
      const running = await spawnProcess({ command: "sleep", args: ["300"], env, sandbox: job(10) });
      await new Promise((resolve) => setTimeout(resolve, pause));
      expect(await running.stop(120_000)).toEqual({ signal: "SIGTERM" });
    }
  });

  it("says so when it cannot be set up", async () => {
    const broken = { ...job(9), writable: { "/opt/ml": join(home, "nowhere") } };
    await expect(shell("true", broken)).rejects.toThrow(/nowhere/);
  });
});

/** Node 20 has no Promise.withResolvers. */
function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
