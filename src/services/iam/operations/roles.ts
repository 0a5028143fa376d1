import { formatArn } from "#core";
import type { Handlers } from "#kernel";
import {
  instanceProfileHasRole,
  limitExceeded,
  notBuilt,
  roleExists,
  roleHasAttachedPolicies,
  roleHasInlinePolicies,
} from "../faults.ts";
import { paginate } from "../page.ts";
import { forgetPolicies } from "../ready-roles.ts";
import { assertPolicy, makeId, policySize, requireRole, saveRole } from "../require.ts";
import type { iamTables } from "../state.ts";
import { addTags, removeTags } from "../tags.ts";
import { toRole, toTags } from "../views.ts";

export const roles = {
  CreateRole(input, ctx) {
    if (input.PermissionsBoundary !== undefined) throw notBuilt("permissions boundaries");
    assertPolicy(input.AssumeRolePolicyDocument, "trust");
    assertTrustSize(input.AssumeRolePolicyDocument);
    if (ctx.tables.roles.get(input.RoleName.toLowerCase())) throw roleExists(input.RoleName);
    if (ctx.tables.roles.count() >= 1000) throw limitExceeded("Cannot exceed quota for RolesPerAccount: 1000");
    const path = input.Path ?? "/";
    const row = {
      name: input.RoleName,
      id: makeId(ctx, "AROA"),
      path,
      arn: formatArn({ service: "iam", region: "", account: ctx.account, resource: `role${path}${input.RoleName}` }),
      createdAt: ctx.now().toISOString(),
      ...(input.Description !== undefined && { description: input.Description }),
      maxSessionDuration: input.MaxSessionDuration ?? 3600,
      trustPolicy: input.AssumeRolePolicyDocument,
      inlinePolicies: {},
      attachedPolicies: [],
      tags: addTags({}, input.Tags),
    };
    saveRole(ctx, row);
    // AWS: the answer of CreateRole has no MaxSessionDuration and no Description unless they were given.
    const { MaxSessionDuration: _, ...role } = toRole(row);
    return {
      Role: {
        ...role,
        ...(input.MaxSessionDuration !== undefined && { MaxSessionDuration: row.maxSessionDuration }),
        ...(input.Tags?.length && { Tags: toTags(row.tags) }),
      },
    };
  },

  GetRole(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    const tags = toTags(row.tags);
    return { Role: { ...toRole(row), ...(tags.length > 0 && { Tags: tags }), RoleLastUsed: {} } };
  },

  ListRoles(input, ctx) {
    const prefix = input.PathPrefix ?? "/";
    const all = ctx.tables.roles.list().flatMap(({ row }) => (row.path.startsWith(prefix) ? [row] : []));
    const { rows, ...page } = paginate(all, input);
    return { Roles: rows.map(toRole), ...page };
  },

  UpdateRole(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    saveRole(ctx, {
      ...row,
      ...(input.Description !== undefined && { description: input.Description }),
      // AWS: without a duration the default comes back (API reference, UpdateRole).
      maxSessionDuration: input.MaxSessionDuration ?? 3600,
    });
    return {};
  },

  UpdateRoleDescription(input, ctx) {
    const row = { ...requireRole(ctx, input.RoleName), description: input.Description };
    saveRole(ctx, row);
    return { Role: toRole(row) };
  },

  UpdateAssumeRolePolicy(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    assertPolicy(input.PolicyDocument, "trust");
    assertTrustSize(input.PolicyDocument);
    saveRole(ctx, { ...row, trustPolicy: input.PolicyDocument });
    return {};
  },

  DeleteRole(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    if (row.attachedPolicies.length > 0) throw roleHasAttachedPolicies();
    if (Object.keys(row.inlinePolicies).length > 0) throw roleHasInlinePolicies();
    if (ctx.tables.instanceProfiles.list().some((profile) => profile.row.role === row.name))
      throw instanceProfileHasRole();
    ctx.tables.roles.delete(row.name.toLowerCase());
    forgetPolicies(ctx);
    return {};
  },

  TagRole(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    saveRole(ctx, { ...row, tags: addTags(row.tags, input.Tags) });
    return {};
  },

  UntagRole(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    saveRole(ctx, { ...row, tags: removeTags(row.tags, input.TagKeys) });
    return {};
  },

  ListRoleTags(input, ctx) {
    const { rows, ...page } = paginate(toTags(requireRole(ctx, input.RoleName).tags), input);
    return { Tags: [...rows], ...page };
  },
} satisfies Handlers<"iam", typeof iamTables>;

function assertTrustSize(document: string): void {
  if (policySize(document) > 2048) throw limitExceeded("Cannot exceed quota for ACLSizePerRole: 2048");
}
