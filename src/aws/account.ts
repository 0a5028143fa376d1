import type { Clients } from "./clients.ts";
import type { Target } from "./target.ts";

/** The account that the target's credentials belong to. */
export async function accountOf(target: Target, aws: Clients): Promise<string> {
  if (target.account !== undefined) return target.account;
  const { Account } = await (await aws.sts()).getCallerIdentity({});
  if (!Account) throw new Error("GetCallerIdentity answered no account.");
  return Account;
}
