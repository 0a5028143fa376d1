import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ids } from "#core";
import { addressesMissing } from "./faults.ts";

/** Where a second Cauce server answers. */
export const PORT = 4566;

/** An address of 127.64.0.0/10 where nobody listens on that port. */
export async function findLoopback(ids: Ids): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const number = (length: number) => Number.parseInt(ids.token(length, "0123456789abcdef"), 16);
    const address = `127.${64 + (number(2) % 64)}.${number(2)}.${1 + (number(2) % 254)}`;
    const problem = await tryListening(address);
    if (problem === undefined) return address;
    if (problem !== "EADDRINUSE") throw addressesMissing(reasonOf(problem));
    await sleep(1);
  }
  throw addressesMissing("All that were tried are in use.");
}

function tryListening(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host, port: PORT, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}

function reasonOf(code: string): string {
  if (code !== "EADDRNOTAVAIL") return `This machine does not give one: ${code}.`;
  return "This machine has only 127.0.0.1; on Linux all of 127.0.0.0/8 is there.";
}
