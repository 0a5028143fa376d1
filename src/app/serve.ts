import { readFileSync } from "node:fs";
import type { RunningServer, TlsDoor } from "#server";
import type { Config } from "./config.ts";
import { backUp, type KeepPlace, restoreHome, withKeeper, writeAccess } from "./keep.ts";
import { writeServerFile } from "./server-file.ts";

export interface ServeOptions {
  /** Where failures that are our own bugs are told. */
  readonly report: (where: string, error: unknown) => void;
  /** A second door, over TLS. */
  readonly tls?: TlsDoor | undefined;
  /** A place in S3: restored from when the home is empty, copied to as it runs and when it stops. */
  readonly keep?: KeepPlace | undefined;
}

/** Runs the embedded AWS in this process until it is told to stop. */
export async function serve(config: Config, options: ServeOptions): Promise<RunningServer> {
  const { report, tls, keep } = options;
  const restored = keep && (await withKeeper((aws) => restoreHome(aws, config.home, keep)));
  // Loaded only here: the other commands must not wait for the whole server.
  const { startServer } = await import("#server");
  const { home, hidden, account, region, host, port, assets, version } = config;
  const settings = { home, account, region, host, port, assets, ...(hidden !== undefined && { hidden: [hidden] }) };
  const server = await startServer({ settings, version, report, ...(tls && { tls }) });
  if (restored) server.kernel.interrupted.unshift("The home was empty: its state was restored from S3.");
  const kept = keep ? await keepCopies(server, { ...options, keep, version }) : server;
  const file = writeServerFile(home, { pid: process.pid, endpoint: server.endpoint });
  void server.stopped.then(() => file.remove());
  return kept;
}

const QUARTER_HOUR = 15 * 60_000;

/** Tells how it is reached, and copies its state every quarter of an hour, and before it stops. */
async function keepCopies(
  server: RunningServer,
  { keep, tls, version, report }: ServeOptions & { readonly keep: KeepPlace; readonly version: string },
): Promise<RunningServer> {
  const { kernel, credentials, secureEndpoint = server.endpoint } = server;
  const certificate = tls ? readFileSync(tls.cert, "utf8") : "";
  const port = Number(new URL(secureEndpoint).port || 443);
  const access = { certificate, port, ...credentials, platform: `${process.platform}-${process.arch}`, version };
  await withKeeper((aws) => writeAccess(aws, keep, access));
  let copying: Promise<unknown> = Promise.resolve();
  const copy = () => (copying = copying.catch(() => {}).then(() => withKeeper((aws) => backUp(aws, keep, kernel))));
  kernel.tasks.every("backup", QUARTER_HOUR, async () => void (await copy()));
  let closing: Promise<void> | undefined;
  const close = async () => {
    // It may fail, where S3 is gone too: the state itself stays where it is.
    await copy().catch((error: unknown) => report("the last backup", error));
    await server.close();
  };
  return { ...server, close: () => (closing ??= close()) };
}
