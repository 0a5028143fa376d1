import type { Handlers, InputOf } from "#kernel";
import { notBuilt } from "../faults.ts";
import { openRoleSession } from "../role-session.ts";
import type { stsTables } from "../state.ts";

type Input = InputOf<"sts", "AssumeRole">;

/** Whether the role trusts the caller was decided before: the authorizer takes the trust policy for the role's resource policy. */
export const assumeRole = {
  async AssumeRole(input, ctx) {
    assertBuilt(input);
    return openRoleSession(input, ctx);
  },
} satisfies Handlers<"sts", typeof stsTables>;

function assertBuilt(input: Input): void {
  if (input.Tags?.length || input.TransitiveTagKeys?.length) throw notBuilt("session tags");
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined) throw notBuilt("multi-factor authentication");
  if (input.SourceIdentity !== undefined) throw notBuilt("source identities");
  if (input.ProvidedContexts?.length) throw notBuilt("provided contexts");
}
