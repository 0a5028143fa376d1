import type { Context } from "./context.ts";
import type { Permission } from "./permission.ts";
import type { Principal } from "./principal.ts";

export type Decision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly reason:
        | "no identity-based policy allows"
        | "explicit deny"
        | "no session policy allows"
        | "no resource-based policy allows"
        | "not trusted";
      /** Where an explicit deny stands; in an identity-based policy when not said. */
      readonly policy?: "a resource-based" | "a session";
    };

/** Decides whether a principal may do something, at once: every request asks. IAM implements it; there is one per server. */
export interface Authorizer {
  decide(principal: Principal, permission: Permission, ctx: Context, resourcePolicy?: string): Decision;
}

/** Where the secrets of access keys are found. The root key is the kernel's; sessions are STS's. */
export interface Keyring {
  find(accessKeyId: string): AccessKey | undefined;
}

export interface AccessKey {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When temporary credentials end. */
  readonly expires?: Date;
  readonly principal: Principal;
}
