import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "#aws";
import { dirname, join } from "node:path";

export interface MotoServer {
  readonly target: Target & { readonly endpoint: string };
  /** What it printed: its warnings, and a traceback of what it could not do. */
  said(): string;
  close(): Promise<void>;
}

/** An implementation of AWS's APIs that is not ours, as a server on a free port. */
export async function startMoto(python: string): Promise<MotoServer> {
  const program = join(dirname(python), "moto_server");
  const child = spawn(program, ["-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const listening = () => /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
  for (let i = 0; i < 600 && listening() === undefined && child.exitCode === null; i++) await sleep(100);
  const endpoint = listening();
  if (endpoint === undefined) throw new Error(`moto did not start:\n${text}`);
  return {
    target: { name: "moto", region: "us-east-1", endpoint, credentials: { accessKeyId: "a", secretAccessKey: "b" } },
    said: () => text,
    async close() {
      child.kill();
      await ended;
    },
  };
}
