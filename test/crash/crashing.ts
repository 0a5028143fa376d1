import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import type { CauceHome, Ran } from "#test/cauce-process";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli.js");

/** A project that is up in seconds: 240 rows, few rounds, a gate that lets everything pass. */
export function writeProject(folder: string, name: string): void {
  const config = {
    name,
    data: { source: "table.csv", target: "late" },
    train: { hyperparameters: { rounds: 5, refit: false } },
    evaluate: { metric: "auc", atLeast: 0.3 },
  };
  writeFileSync(join(folder, "cauce.config.mjs"), `export default ${JSON.stringify(config)};\n`);
  const rows = Array.from(
    { length: 240 },
    (_, i) => `${(i * 37) % 100},${i % 3 ? "road" : "rail"},${(i * 37) % 100 > 50 ? "yes" : "no"}`,
  );
  writeFileSync(join(folder, "table.csv"), `distance,by,late\n${rows.join("\n")}\n`);
}

/** A command that is not waited for: to be killed, or to be interrupted. */
export function startCommand(user: CauceHome, args: readonly string[], cwd = user.work) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|CAUCE_|VITEST|NODE_OPTIONS)/.test(name));
  const env = { ...Object.fromEntries(kept), CAUCE_HOME: user.home, CAUCE_PORT: "0" };
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = new Promise<Ran>((done) =>
    child.once("close", (code, signal) =>
      done({ code: code ?? signal ?? "?", ...said, lines: objectsIn(said.stdout) }),
    ),
  );
  return { child, said, ended };
}

function objectsIn(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** As a power cut would end it. */
export function killServer(user: CauceHome): void {
  const { pid } = JSON.parse(readFileSync(join(user.home, "server.json"), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}

/** Official clients of the server that runs now; one is started when none does. */
export async function clientsOf(user: CauceHome) {
  const variables = await user.awsVariables();
  const config = {
    endpoint: variables["AWS_ENDPOINT_URL"] ?? "",
    region: "us-east-1",
    credentials: {
      accessKeyId: variables["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
    maxAttempts: 1,
  };
  return {
    s3: new S3({ ...config, forcePathStyle: true }),
    sagemaker: new SageMaker(config),
    cloudformation: new CloudFormation(config),
  };
}

/** Looks every few milliseconds until it is so. */
export async function until(look: () => Promise<boolean> | boolean, seconds = 30): Promise<void> {
  const late = Date.now() + seconds * 1000;
  while (!(await look())) {
    if (Date.now() > late) throw new Error(`It was not so within ${seconds} s: ${look.toString()}`);
    await sleep(10);
  }
}

export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/** A file system of its own, to be full or read-only; undefined where that may not be mounted. */
export function mountTmpfs(folder: string, options: string): { unmount(): void } | undefined {
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  if (status !== 0) return undefined;
  return { unmount: () => void spawnSync("umount", ["-l", folder]) };
}
