import { type AssumedRole, type Kernel, servicePrincipal } from "#kernel";
import type { FunctionRow } from "./state.ts";

const SERVICE = "lambda.amazonaws.com";
/** A worker that starts gets credentials that are good for at least this long. */
const LEAST = 30 * 60_000;

/** One session of the function's role for all its workers, renewed in time. */
export function sessionOf(kernel: Kernel, row: FunctionRow, region: string): () => Promise<AssumedRole> {
  let session: Promise<AssumedRole> | undefined;
  let renewAt = 0;
  const assume = async () => {
    const ctx = kernel.context("lambda", servicePrincipal(SERVICE, kernel.settings.account), region);
    const role = await ctx.assume(row.role, { service: SERVICE, sessionName: sessionNameOf(row.name) });
    renewAt = role.expiration.getTime() - LEAST;
    return role;
  };
  return () => {
    if (session && kernel.clock.now().getTime() < renewAt) return session;
    renewAt = Number.MAX_SAFE_INTEGER;
    session = assume().catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  };
}

/** AWS: the session carries the function's name. STS wants two letters at least. */
export function sessionNameOf(functionName: string): string {
  return functionName.padEnd(2, "_");
}
