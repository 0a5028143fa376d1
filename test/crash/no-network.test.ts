import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";
import { DEAD, openPackageIndex, type PackageIndex } from "#test/package-index";
import { writeProject } from "./crashing.ts";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli.js");
/** In a network of its own, where there is nothing but a loopback. Only root can make one. */
const ALONE = ["unshare", "-n", "sh", "-c", 'ip link set lo up 2>/dev/null || ifconfig lo up; exec "$@"', "sh"];
const canBeAlone = spawnSync(ALONE[0] ?? "", [...ALONE.slice(1), "true"]).status === 0;

describe("no network after the first run", { timeout: 240_000 }, () => {
  let user: CauceHome;
  let index: PackageIndex;
  let rows = 70;
  const folder = (name: string) => join(user.work, name);

  beforeAll(async () => {
    [user, index] = await Promise.all([openHome(), openPackageIndex()]);
    mkdirSync(folder("late"));
    writeProject(folder("late"), "late");
    writeModel(folder("model"), index.name);
    const deploy = ["deploy", "model.tar.gz", "--name", "tiny", "--example", "rows.csv", "--json"];
    const deployed = await user.cauce(deploy, { cwd: folder("model"), env: { ...index.environment } });
    expect(deployed).toMatchObject({ code: 0 });
    expect(await user.cauce(["up", "--json"], { cwd: folder("late") })).toMatchObject({ code: 0 });
    expect(index.fetched()).toBeGreaterThan(0);
    await index.close();
    await user.cauce(["down"]);
  }, 240_000);
  afterAll(async () => {
    await user[Symbol.asyncDispose]();
    const runtimes = resolve(import.meta.dirname, "../../node_modules/.cache/cauce/runtimes");
    for (const name of readdirSync(runtimes).filter((one) => one.startsWith("packages-"))) {
      if (readdirSync(join(runtimes, name)).includes(`${index.name}.py`))
        rmSync(join(runtimes, name), { recursive: true });
    }
  });

  it.for([
    ["the package index does not answer", []],
    ["the machine has no network at all", ALONE],
  ] as const)("%s: what served serves again, and other rows are trained on and deployed", ([, before], { skip }) => {
    if (before.length > 0 && !canBeAlone) return skip("A network of its own can only be made as root.");
    // One script: what it starts, the server as well, is in the same network.
    const cauce = `"${process.execPath}" "${PROGRAM}"`;
    const script = [
      `${cauce} invoke '{"distance":3}' --name tiny`,
      `cd late && echo "${rows++},road,yes" >> table.csv && ${cauce} run --json && ${cauce} invoke '{"distance":90,"by":"road"}'`,
      `${cauce} down`,
    ].join("\n");
    const [command = "", ...args] = [...before, "sh", "-ec", script];
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: user.work,
      env: { PATH: process.env["PATH"], ...DEAD, CAUCE_HOME: user.home, CAUCE_PORT: "0" },
      encoding: "utf8",
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toMatch(/^\[45\]\n/);
    expect(stdout).toContain('"name":"train","state":"done"');
    expect(stdout).toMatch(/"prediction":\s*"yes"/);
  });
});

/** A SageMaker artifact whose program wants a package that no image has. */
function writeModel(folder: string, wanted: string): void {
  mkdirSync(join(folder, "artifact/code"), { recursive: true });
  writeFileSync(join(folder, "artifact/code/requirements.txt"), `${wanted}==1.0\n`);
  const program = `import json
import ${wanted} as tiny
def model_fn(folder):
    return tiny.answer()
def input_fn(data, content_type):
    return json.loads(data)
def predict_fn(data, model):
    rows = data if isinstance(data, list) else [data]
    return [row["distance"] + model for row in rows]
def output_fn(found, accept):
    return json.dumps(found), "application/json"
`;
  writeFileSync(join(folder, "artifact/code/inference.py"), program);
  writeFileSync(join(folder, "rows.csv"), "distance\n1\n2\n3\n");
  execFileSync("tar", ["-czf", join(folder, "model.tar.gz"), "-C", join(folder, "artifact"), "."]);
}
