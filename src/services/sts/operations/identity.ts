import { type Handlers, rootPrincipal } from "#kernel";
import { validationError } from "../faults.ts";
import { credentialsOf, openSession } from "../sessions.ts";
import type { stsTables } from "../state.ts";

/** AWS: sessions of the account itself last one hour at most (API reference, GetSessionToken). */
const ROOT_SECONDS = 3600;

export const identity = {
  GetCallerIdentity(_input, ctx) {
    const { principal } = ctx;
    return {
      UserId: principal.type === "role" ? principal.userId : principal.account,
      Account: principal.account,
      Arn: principal.arn,
    };
  },

  GetAccessKeyInfo(input, ctx) {
    if (!/^A[KS]IA/.test(input.AccessKeyId)) throw validationError(`Invalid Access Key: ${input.AccessKeyId}`);
    return { Account: ctx.account };
  },

  GetSessionToken(input, ctx) {
    if (ctx.principal.type !== "root") throw validationError("Cannot call GetSessionToken with session credentials");
    const seconds = Math.min(input.DurationSeconds ?? ROOT_SECONDS, ROOT_SECONDS);
    const session = openSession(ctx, seconds, (accessKeyId) => rootPrincipal(ctx.account, accessKeyId));
    return {
      Credentials: credentialsOf(session),
    };
  },
} satisfies Handlers<"sts", typeof stsTables>;
