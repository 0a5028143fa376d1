import type { RunningServer } from "#server";
import type { Config } from "./config.ts";
import { writeServerFile } from "./server-file.ts";

/** Runs the embedded AWS in this process until it is told to stop. */
export async function serve(config: Config, report: (where: string, error: unknown) => void): Promise<RunningServer> {
  // Loaded only here: the other commands must not wait for the whole server.
  const { startServer } = await import("#server");
  const { home, account, region, host, port, assets, version } = config;
  const server = await startServer({ settings: { home, account, region, host, port, assets }, version, report });
  const file = writeServerFile(home, { pid: process.pid, endpoint: server.endpoint });
  void server.stopped.then(() => file.remove());
  return server;
}
