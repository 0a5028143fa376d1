import { CauceError } from "#core";
import { parsePlace } from "./keep.ts";
import type { ServeOptions } from "./serve.ts";

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** What the words after `cauce serve` say of a second door and of a copy in S3. */
export function readServeFlags(flags: Flags): Pick<ServeOptions, "tls" | "keep"> {
  const [cert, key, at, keep] = ["tls-cert", "tls-key", "tls-listen", "keep"].map((name) => textOf(flags, name));
  if ((cert === undefined) !== (key === undefined) || (at !== undefined && cert === undefined)) throw half();
  return {
    tls: cert === undefined || key === undefined ? undefined : { cert, key, ...parseAddress(at ?? "127.0.0.1:4567") },
    keep: keep === undefined ? undefined : parsePlace(keep),
  };
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

function parseAddress(text: string): { host: string; port: number } {
  const [, host, port] = /^\[?([0-9a-fA-F:.]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new CauceError({
    code: "BadAddress",
    what: `"${text}" is not an address with a port.`,
    why: "It needs both, e.g. 0.0.0.0:443.",
    fix: "Give --tls-listen ADDRESS:PORT.",
  });
}

function half(): CauceError {
  return new CauceError({
    code: "TlsIncomplete",
    what: "TLS needs a certificate and its key.",
    why: "Only one of the two was given.",
    fix: "Give both --tls-cert and --tls-key.",
  });
}
