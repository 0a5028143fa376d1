import type { HmacKey } from "#core";
import type { At } from "../wire.ts";

export interface SecretKey {
  readonly secretAccessKey: string;
  /** Set for temporary credentials: the request must carry the same token. */
  readonly sessionToken?: string;
  /** When temporary credentials end. */
  readonly expires?: Date;
}

export type KeyFinder = (accessKeyId: string) => SecretKey | undefined;

export interface VerifyOptions {
  /** From the route: which faults to throw, how paths are encoded. */
  readonly at: Pick<At, "model" | "quirks">;
  readonly find: KeyFinder;
  readonly now: Date;
  /** Of requests whose signature names none (Signature Version 2). */
  readonly region?: string;
}

export interface Verified {
  readonly accessKeyId: string;
  readonly service: string;
  readonly region: string;
  /** What `decodePayload` still has to check while the body streams. */
  readonly payload: PayloadCheck;
}

export type PayloadCheck =
  | { readonly kind: "done" }
  | { readonly kind: "unsigned" }
  | { readonly kind: "sha256"; readonly hash: string }
  | { readonly kind: "chunked"; readonly trailer: boolean; readonly signing: ChunkSigning | undefined };

export interface ChunkSigning {
  readonly key: HmacKey;
  readonly date: string;
  readonly scope: string;
  readonly seed: string;
}
