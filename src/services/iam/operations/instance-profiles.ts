import { formatArn } from "#core";
import type { Handlers } from "#kernel";
import {
  instanceProfileExists,
  instanceProfileHasRole,
  instanceProfileNotFound,
  limitExceeded,
  roleNotFound,
} from "../faults.ts";
import { paginate } from "../page.ts";
import { type IamContext, makeId, requireRole } from "../require.ts";
import type { iamTables, InstanceProfileRow } from "../state.ts";
import { addTags } from "../tags.ts";
import { toInstanceProfile } from "../views.ts";

export const instanceProfiles = {
  CreateInstanceProfile(input, ctx) {
    const name = input.InstanceProfileName;
    if (ctx.tables.instanceProfiles.get(name.toLowerCase())) throw instanceProfileExists(name);
    const path = input.Path ?? "/";
    const row: InstanceProfileRow = {
      name,
      id: makeId(ctx, "AIPA"),
      path,
      arn: formatArn({ service: "iam", region: "", account: ctx.account, resource: `instance-profile${path}${name}` }),
      createdAt: ctx.now().toISOString(),
      tags: addTags({}, input.Tags),
    };
    save(ctx, row);
    return { InstanceProfile: toInstanceProfile(row, undefined) };
  },

  GetInstanceProfile(input, ctx) {
    return { InstanceProfile: view(ctx, requireProfile(ctx, input.InstanceProfileName)) };
  },

  ListInstanceProfiles(input, ctx) {
    const prefix = input.PathPrefix ?? "/";
    const { rows, ...page } = paginate(
      all(ctx).filter((row) => row.path.startsWith(prefix)),
      input,
    );
    return { InstanceProfiles: rows.map((row) => view(ctx, row)), ...page };
  },

  ListInstanceProfilesForRole(input, ctx) {
    const role = requireRole(ctx, input.RoleName);
    const { rows, ...page } = paginate(
      all(ctx).filter((row) => row.role === role.name),
      input,
    );
    return { InstanceProfiles: rows.map((row) => view(ctx, row)), ...page };
  },

  AddRoleToInstanceProfile(input, ctx) {
    const row = requireProfile(ctx, input.InstanceProfileName);
    const role = requireRole(ctx, input.RoleName);
    // AWS: one role, and the quota's sentence when there is one already. API reference, AddRoleToInstanceProfile.
    if (row.role !== undefined) throw limitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    save(ctx, { ...row, role: role.name });
    return {};
  },

  RemoveRoleFromInstanceProfile(input, ctx) {
    const { role, ...rest } = requireProfile(ctx, input.InstanceProfileName);
    if (role?.toLowerCase() !== input.RoleName.toLowerCase()) throw roleNotFound(input.RoleName);
    save(ctx, rest);
    return {};
  },

  DeleteInstanceProfile(input, ctx) {
    const row = requireProfile(ctx, input.InstanceProfileName);
    if (row.role !== undefined) throw instanceProfileHasRole();
    ctx.tables.instanceProfiles.delete(row.name.toLowerCase());
    return {};
  },
} satisfies Handlers<"iam", typeof iamTables>;

function requireProfile(ctx: IamContext, name: string): InstanceProfileRow {
  const row = ctx.tables.instanceProfiles.get(name.toLowerCase());
  if (!row) throw instanceProfileNotFound(name);
  return row;
}

function save(ctx: IamContext, row: InstanceProfileRow): void {
  ctx.tables.instanceProfiles.put(row.name.toLowerCase(), row);
}

function all(ctx: IamContext): InstanceProfileRow[] {
  return ctx.tables.instanceProfiles.list().map(({ row }) => row);
}

function view(ctx: IamContext, row: InstanceProfileRow) {
  return toInstanceProfile(row, row.role === undefined ? undefined : requireRole(ctx, row.role));
}
