import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome, type Ran } from "#test/cauce-process";
import { filesBelow, mountTmpfs, startCommand, until, writeProject } from "./crashing.ts";

describe("a command that is ended, and another that comes", { timeout: 90_000 }, () => {
  let user: CauceHome;
  const folder = (name: string) => join(user.work, name);

  beforeAll(async () => {
    user = await openHome();
    for (const name of ["one", "two"]) {
      mkdirSync(folder(name));
      writeProject(folder(name), name);
    }
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("Ctrl-C ends `up` with 130 and says what goes on; the same again ends at a URL", async () => {
    const up = startCommand(user, ["up"], folder("one"));
    await until(() => up.said.stdout.includes("✔ stack"));
    up.child.kill("SIGINT");
    const ran = await up.ended;
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/Interrupted[\s\S]*goes on in the server[\s\S]*cauce status/) as string,
    });
    expect(await user.cauce(["up", "--json"], { cwd: folder("one") })).toMatchObject({ code: 0 });
    await user.cauce(["destroy", "--name", "one"]);
  });

  it("kill -9 of `up` harms nothing: the same again ends at a URL", async () => {
    const up = startCommand(user, ["up"], folder("one"));
    await until(() => up.said.stdout.includes("✔ extract"));
    up.child.kill("SIGKILL");
    await up.ended;
    const again = await user.cauce(["up", "--json"], { cwd: folder("one") });
    expect(again).toMatchObject({ code: 0 });
    expect(await ask(again)).toBe(200);
    await user.cauce(["destroy", "--name", "one"]);
  });

  it("Ctrl-C at any moment of `up`, `run` or `destroy` ends it at once, and the same again ends as it should", async () => {
    const at = { cwd: folder("one") };
    const interrupt = async (args: readonly string[], said: string | number) => {
      const command = startCommand(user, args, folder("one"));
      const reached = () => `${command.said.stdout}${command.said.stderr}`.includes(String(said));
      if (typeof said === "number") await sleep(said);
      else await until(() => reached() || command.child.exitCode !== null);
      const pressed = performance.now();
      command.child.kill("SIGINT");
      const { code, stderr } = await command.ended;
      // Before the program has begun to listen, the system ends it; or it was over already.
      expect([130, "SIGINT", 0]).toContain(code);
      if (code === 130) expect(stderr).toMatch(/Interrupted[\s\S]*cauce status/);
      expect(performance.now() - pressed).toBeLessThan(5000);
    };
    for (const moment of [30, 250, 700, "✔ upload", "✔ train"]) await interrupt(["up"], moment);
    expect(await user.cauce(["up", "--json"], at)).toMatchObject({ code: 0 });
    for (const moment of [400, "✔ extract"]) await interrupt(["run"], moment);
    const run = await user.cauce(["run", "--json"], at);
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 });
    expect(await ask(run)).toBe(200);
    for (const moment of [400, "removed"]) await interrupt(["destroy", "--name", "one"], moment);
    expect(await user.cauce(["destroy", "--name", "one"])).toMatchObject({ code: 0 });
    expect((await user.cauce(["status", "--name", "one"])).stdout).toContain("is not up");
  });

  it("Ctrl-C ends `deploy`, and the same again ends at a URL", async () => {
    const records = resolve(import.meta.dirname, "../vectors/records/telco");
    const args = ["deploy", join(records, "model.ubj"), "--name", "given"];
    const deploy = startCommand(user, args);
    await until(() => deploy.said.stdout.includes("✔ stack"));
    deploy.child.kill("SIGINT");
    expect(await deploy.ended).toMatchObject({ code: 130 });
    expect(await user.cauce([...args, "--json"])).toMatchObject({ code: 0 });
    expect(await user.cauce(["destroy", "--name", "given"])).toMatchObject({ code: 0 });
  });

  it("of two `up` of one project the second waits and says so; two projects come up together", async () => {
    const first = startCommand(user, ["up", "--json"], folder("one"));
    const other = startCommand(user, ["up", "--json"], folder("two"));
    await until(() => filesBelow(join(user.home, "projects")).some((file) => file.endsWith("one.lock")));
    const second = await user.cauce(["up", "--json"], { cwd: folder("one") });
    const [one, two] = await Promise.all([first.ended, other.ended]);
    for (const ran of [one, two, second]) expect(ran).toMatchObject({ code: 0 });
    expect(second.stderr).toContain(`Another command is at work on one (process ${first.child.pid})`);
    expect(second.lines.at(-1)).toMatchObject({ unchanged: true, url: one.lines.at(-1)?.["url"] });
    expect(two.stderr).not.toContain("Another command");
    expect([await ask(one), await ask(two)]).toEqual([200, 200]);
  });
});

describe("a home that cannot be used", { timeout: 30_000 }, () => {
  let user: CauceHome;
  beforeAll(async () => void (user = await openHome()));
  afterAll(() => user[Symbol.asyncDispose]());

  it("a port that is taken is named, and how to choose another", async () => {
    const taker = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taker.once("listening", resolve));
    const { port } = taker.address() as AddressInfo;
    const ran = await user.cauce(["serve", "--port", String(port)]);
    expect(ran).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`Port ${port} is taken[\\s\\S]*--port`)) as string,
    });
    const background = await user.cauce(["env", "--port", String(port)]);
    expect(background).toMatchObject({ code: 1, stderr: expect.stringContaining(`✘ Port ${port} is taken`) as string });
    const machine = await user.cauce(["env", "--json", "--port", String(port)]);
    expect(machine.lines.at(-1)).toMatchObject({
      error: { code: "PortTaken", fix: expect.stringContaining("--port") as string },
    });
    taker.close();
  });

  it.each(["serve", "env", "up"])("%s: a home that is a file is said to be one", async (command) => {
    const file = join(user.work, "file");
    writeFileSync(file, "");
    writeProject(user.work, "late");
    const ran = await user.cauce([command], { env: { CAUCE_HOME: join(file, "home") } });
    expect(ran).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be written to[\s\S]*CAUCE_HOME/) as string,
    });
  });

  it.for(["serve", "env", "up"])("%s: a read-only home is said to be one", async (command, context) => {
    const home = join(user.work, `read-only-${command}`);
    mkdirSync(home);
    writeProject(user.work, "late");
    const mounted = mountTmpfs(home, "ro");
    if (!mounted) return context.skip("A file system can only be mounted as root.");
    try {
      const ran = await user.cauce([command], { env: { CAUCE_HOME: home } });
      expect(ran).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/cannot be written to[\s\S]*read-only[\s\S]*CAUCE_HOME/i) as string,
      });
    } finally {
      mounted.unmount();
    }
  });

  it("a state of a newer version is refused, and not touched", async () => {
    const home = join(user.work, "newer");
    mkdirSync(home);
    const state = new DatabaseSync(join(home, "state.db"));
    state.exec("PRAGMA user_version = 99; CREATE TABLE later (doc TEXT); INSERT INTO later VALUES ('kept')");
    state.close();
    const ran = await user.cauce(["env"], { env: { CAUCE_HOME: home } });
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/newer Cauce[\s\S]*version 99/) as string });
    const after = new DatabaseSync(join(home, "state.db"));
    expect(after.prepare("SELECT doc FROM later").get()).toEqual({ doc: "kept" });
    expect(after.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
    expect(after.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
    after.close();
  });
});

async function ask(ran: Ran): Promise<number> {
  const answer = await fetch(String(ran.lines.at(-1)?.["url"]), {
    method: "POST",
    body: '{"distance":90,"by":"road"}',
  });
  return answer.status;
}
