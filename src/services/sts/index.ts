import { defineService } from "#kernel";
import { assumeRole } from "./operations/assume-role.ts";
import { identity } from "./operations/identity.ts";
import { createKeyring, forgetExpiredSessions, sweepEvery } from "./sessions.ts";
import { stsTables } from "./state.ts";

export const sts = defineService({
  name: "sts",
  tables: stsTables,
  operations: { ...assumeRole, ...identity },
  permissions: {
    AssumeRole: (input) => ({
      action: "sts:AssumeRole",
      resource: input.RoleArn,
      conditions: {
        "sts:RoleSessionName": input.RoleSessionName,
        ...(input.ExternalId !== undefined && { "sts:ExternalId": input.ExternalId }),
      },
    }),
  },
  keyring: createKeyring,
  start: (ctx) => ctx.kernel.tasks.every("sts: forget expired sessions", sweepEvery, () => forgetExpiredSessions(ctx)),
});
