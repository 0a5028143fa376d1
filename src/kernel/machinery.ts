import type { Authorizer, Keyring } from "./authorizer.ts";
import type { Kernel } from "./context.ts";
import type { Journal } from "./journal.ts";
import type { Registry } from "./registry.ts";

/** What the kernel's own parts share; services see the `Kernel` only. */
export interface Machinery {
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly keyring: Keyring;
  readonly authorizer: Authorizer;
  readonly journal: Journal;
  readonly report: (where: string, error: unknown) => void;
}
