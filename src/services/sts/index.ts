import { defineService } from "#kernel";
import { assumeRole } from "./operations/assume-role.ts";
import { identity } from "./operations/identity.ts";
import { webIdentity } from "./operations/web-identity.ts";
import { createKeyring, forgetExpiredSessions, sweepEvery } from "./sessions.ts";
import { stsTables } from "./state.ts";

export const sts = defineService({
  name: "sts",
  tables: stsTables,
  operations: { ...assumeRole, ...webIdentity, ...identity },
  permissions: {
    AssumeRole: (input) => ({
      action: "sts:AssumeRole",
      resource: input.RoleArn,
      conditions: {
        "sts:RoleSessionName": input.RoleSessionName,
        ...(input.ExternalId !== undefined && { "sts:ExternalId": input.ExternalId }),
      },
    }),
    // The token decides, and then the role's trust: the operation asks itself, when it knows who it is.
    AssumeRoleWithWebIdentity: () => [],
  },
  keyring: createKeyring,
  start: (ctx) => ctx.kernel.tasks.every("sts: forget expired sessions", sweepEvery, () => forgetExpiredSessions(ctx)),
});
