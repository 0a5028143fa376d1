import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "#core";
import { type RunningServer, startServer } from "#server";

export interface TestServer extends RunningServer {
  readonly home: string;
  /** What an official SDK client needs: `new S3(cauce.client)`. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Failures that were our bugs; a test that expects none checks that it is empty. */
  readonly reports: { where: string; error: unknown }[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestServerOptions {
  /** A folder to use again; it is then not removed. */
  readonly home?: string;
  readonly clock?: Clock;
}

/** A whole embedded AWS in this process, on a free port of 127.0.0.1, with a home of its own that goes when it ends. */
export async function startCauce(options: TestServerOptions = {}): Promise<TestServer> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "cauce-test-")));
  const reports: TestServer["reports"] = [];
  const server = await startServer({
    settings: {
      home,
      account: "000000000000",
      region: "us-east-1",
      host: "127.0.0.1",
      port: 0,
      assets: resolve(import.meta.dirname, "../.."),
    },
    version: "0.0.0-test",
    ...(options.clock && { clock: options.clock }),
    report: (where, error) => reports.push({ where, error }),
  });
  const client = { endpoint: server.endpoint, region: "us-east-1", credentials: server.credentials, maxAttempts: 1 };
  return {
    ...server,
    home,
    client,
    reports,
    async [Symbol.asyncDispose]() {
      await server.close();
      if (options.home === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}
