import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { fixedClock, randomIds } from "#core";
import { createKernel, type InputOf, type Kernel, type OperationName, type OutputOf, rootPrincipal } from "#kernel";
import { objectBytes } from "./bytes.ts";
import { s3 } from "./index.ts";
import { isSmall } from "./small-bytes.ts";

const ACCOUNT = "000000000000";

/** S3 alone in a kernel with real files; `call` goes through the same dispatch as a request. */
export interface Bench {
  readonly kernel: Kernel;
  readonly home: string;
  readonly clock: ReturnType<typeof fixedClock>;
  call<O extends OperationName<"s3">>(operation: O, input: InputOf<"s3", O>): Promise<OutputOf<"s3", O>>;
  in(region: string): Bench["call"];
  /** How many there are, finished or not, of large and small ones together. */
  blobs(): number;
  close(): Promise<void>;
}

/** What an answer's body holds, whichever form it has. */
export async function bytesOf(body: OutputOf<"s3", "GetObject">["Body"]): Promise<Buffer> {
  return body instanceof Readable ? buffer(body) : Buffer.from(body ?? "");
}

export async function openBench(home?: string, start = "2026-03-01T12:00:00Z"): Promise<Bench> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), "cauce-s3-")));
  const clock = fixedClock(start);
  const assets = fileURLToPath(new URL("../../..", import.meta.url));
  const kernel = await createKernel({
    settings: { home: folder, account: ACCOUNT, region: "us-east-1", host: "127.0.0.1", port: 4566, assets },
    services: [s3],
    clock,
    ids: randomIds,
    report: (where, error) => {
      throw new Error(`${where} failed`, { cause: error });
    },
  });
  const inRegion =
    (region: string): Bench["call"] =>
    (operation, input) =>
      kernel.context("s3", rootPrincipal(ACCOUNT), region).call("s3", operation, input);
  return {
    kernel,
    home: folder,
    clock,
    call: inRegion("us-east-1"),
    in: inRegion,
    blobs() {
      const files = readdirSync(join(folder, "blobs/of/s3"), { recursive: true, withFileTypes: true });
      const inFiles = files.filter((entry) => entry.isFile()).length;
      return inFiles + kernel.live(objectBytes).list().filter(isSmall).length;
    },
    async close() {
      await kernel.stop();
      if (home === undefined) await rm(folder, { recursive: true });
    },
  };
}
