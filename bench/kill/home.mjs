// A home under test: its server, its command line, its clients.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { alive, below, kill } from "./system.mjs";

const PROGRAM = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const RUNTIMES = fileURLToPath(new URL("../../node_modules/.cache/cauce-bench/runtimes", import.meta.url));

export function openHome() {
  const folder = mkdtempSync(join(tmpdir(), "cauce-kill-"));
  const [home, work] = [join(folder, "home"), join(folder, "work")];
  for (const made of [home, work, RUNTIMES]) mkdirSync(made, { recursive: true, mode: 0o700 });
  symlinkSync(RUNTIMES, join(home, "runtimes"));
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|CAUCE)_/.test(name));
  const env = { ...Object.fromEntries(kept), CAUCE_HOME: home, CAUCE_PORT: "0" };

  /** Starts a command; `ended` gives its code and what it said. */
  const start = (...args) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: work, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const ended = new Promise((resolve) =>
      child.once("close", (code, signal) => resolve({ code: code ?? signal, stdout, stderr, last: lastLine(stdout) })),
    );
    return { child, ended };
  };
  const serverFile = () => {
    try {
      return JSON.parse(readFileSync(join(home, "server.json"), "utf8"));
    } catch {
      return undefined;
    }
  };
  return {
    home,
    work,
    start,
    cauce: (...args) => start(...args).ended,
    server: serverFile,
    async clients() {
      const { last } = await start("env", "--json").ended;
      return clientsOf(last);
    },
    /** Ends the server as a power cut would. Answers what ran below it. */
    async killServer() {
      const pid = serverFile()?.pid;
      if (pid === undefined) return [];
      const family = below(pid);
      kill(pid);
      for (let waited = 0; waited < 2000 && alive(family).length > 0; waited += 50) await sleep(50);
      return family;
    },
    async close() {
      await start("down").ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function lastLine(text) {
  try {
    return JSON.parse(text.trim().split("\n").at(-1));
  } catch {
    return undefined;
  }
}

export function clientsOf(variables) {
  const credentials = {
    accessKeyId: variables.AWS_ACCESS_KEY_ID,
    secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
  };
  const config = { endpoint: variables.AWS_ENDPOINT_URL, region: variables.AWS_REGION, credentials, maxAttempts: 1 };
  return {
    s3: new S3({ ...config, forcePathStyle: true }),
    sagemaker: new SageMaker(config),
    cloudformation: new CloudFormation(config),
    lambda: new Lambda(config),
    iam: new IAM(config),
  };
}
