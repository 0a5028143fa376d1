import { formatArn } from "#core";
import type { Handlers } from "#kernel";
import {
  awsPolicyStays,
  defaultVersionStays,
  limitExceeded,
  policyExists,
  policyHasVersions,
  policyIsAttached,
  policyVersionNotFound,
} from "../faults.ts";
import { managedPolicies } from "../managed-policies.ts";
import { paginate } from "../page.ts";
import { forgetPolicies } from "../ready-roles.ts";
import {
  assertPolicy,
  countAttachments,
  type IamContext,
  makeId,
  policySize,
  requirePolicy,
  savePolicy,
} from "../require.ts";
import type { iamTables, PolicyRow, PolicyVersionRow } from "../state.ts";
import { addTags, removeTags } from "../tags.ts";
import { encodeDocument, toPolicy, toTags, toVersion } from "../views.ts";

/** AWS: quotas of a managed policy (IAM quotas page). */
const VERSIONS = 5;
const BYTES = 6144;

export const policies = {
  CreatePolicy(input, ctx) {
    const path = input.Path ?? "/";
    const arn = formatArn({
      service: "iam",
      region: "",
      account: ctx.account,
      resource: `policy${path}${input.PolicyName}`,
    });
    const wanted = input.PolicyName.toLowerCase();
    if (ctx.tables.policies.list().some(({ row }) => row.name.toLowerCase() === wanted))
      throw policyExists(input.PolicyName);
    assertDocument(input.PolicyDocument);
    const now = ctx.now().toISOString();
    const row: PolicyRow = {
      name: input.PolicyName,
      id: makeId(ctx, "ANPA"),
      path,
      arn,
      createdAt: now,
      updatedAt: now,
      ...(input.Description !== undefined && { description: input.Description }),
      defaultVersion: "v1",
      lastVersion: 1,
      versions: [{ id: "v1", document: input.PolicyDocument, createdAt: now }],
      tags: addTags({}, input.Tags),
    };
    savePolicy(ctx, row);
    return { Policy: { ...toPolicy(row, 0), ...(input.Tags?.length && { Tags: toTags(row.tags) }) } };
  },

  GetPolicy(input, ctx) {
    const row = requirePolicy(ctx, input.PolicyArn);
    return { Policy: { ...toPolicy(row, countAttachments(ctx, row.arn)), Tags: toTags(row.tags) } };
  },

  ListPolicies(input, ctx) {
    const own = ctx.tables.policies.list().map(({ row }) => row);
    const scope = input.Scope ?? "All";
    const all = [...(scope === "AWS" ? [] : own), ...(scope === "Local" ? [] : managedPolicies.values())];
    const found = all
      .filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"))
      .map((row) => toPolicy(row, countAttachments(ctx, row.arn)))
      .filter(({ AttachmentCount: count }) => !input.OnlyAttached || (count ?? 0) > 0);
    const { rows, ...page } = paginate(found, input);
    return { Policies: [...rows], ...page };
  },

  DeletePolicy(input, ctx) {
    const row = requireOwn(ctx, input.PolicyArn);
    if (countAttachments(ctx, row.arn) > 0) throw policyIsAttached();
    if (row.versions.length > 1) throw policyHasVersions();
    ctx.tables.policies.delete(row.arn.toLowerCase());
    forgetPolicies(ctx);
    return {};
  },

  CreatePolicyVersion(input, ctx) {
    const row = requireOwn(ctx, input.PolicyArn);
    assertDocument(input.PolicyDocument);
    if (row.versions.length >= VERSIONS) {
      throw limitExceeded(
        `A managed policy can have up to ${VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const now = ctx.now().toISOString();
    const version: PolicyVersionRow = { id: `v${row.lastVersion + 1}`, document: input.PolicyDocument, createdAt: now };
    const changed: PolicyRow = {
      ...row,
      updatedAt: now,
      lastVersion: row.lastVersion + 1,
      versions: [version, ...row.versions],
      ...(input.SetAsDefault && { defaultVersion: version.id }),
    };
    savePolicy(ctx, changed);
    return { PolicyVersion: toVersion(version, changed) };
  },

  GetPolicyVersion(input, ctx) {
    const row = requirePolicy(ctx, input.PolicyArn);
    const version = requireVersion(row, input.VersionId);
    return { PolicyVersion: { ...toVersion(version, row), Document: encodeDocument(version.document) } };
  },

  ListPolicyVersions(input, ctx) {
    const row = requirePolicy(ctx, input.PolicyArn);
    const { rows, ...page } = paginate(row.versions, input);
    return { Versions: rows.map((version) => toVersion(version, row)), ...page };
  },

  DeletePolicyVersion(input, ctx) {
    const row = requireOwn(ctx, input.PolicyArn);
    const { id } = requireVersion(row, input.VersionId);
    if (id === row.defaultVersion) throw defaultVersionStays();
    savePolicy(ctx, { ...row, versions: row.versions.filter((version) => version.id !== id) });
    return {};
  },

  SetDefaultPolicyVersion(input, ctx) {
    const row = requireOwn(ctx, input.PolicyArn);
    const { id } = requireVersion(row, input.VersionId);
    savePolicy(ctx, { ...row, defaultVersion: id, updatedAt: ctx.now().toISOString() });
    return {};
  },

  ListEntitiesForPolicy(input, ctx) {
    const row = requirePolicy(ctx, input.PolicyArn);
    const roles = ctx.tables.roles.list().filter((role) => role.row.attachedPolicies.includes(row.arn));
    const { rows, ...page } = paginate(roles, input);
    return {
      PolicyGroups: [],
      PolicyUsers: [],
      PolicyRoles: rows.map((role) => ({ RoleName: role.row.name, RoleId: role.row.id })),
      ...page,
    };
  },

  TagPolicy(input, ctx) {
    const row = requireOwn(ctx, input.PolicyArn);
    savePolicy(ctx, { ...row, tags: addTags(row.tags, input.Tags) });
    return {};
  },

  UntagPolicy(input, ctx) {
    const row = requireOwn(ctx, input.PolicyArn);
    savePolicy(ctx, { ...row, tags: removeTags(row.tags, input.TagKeys) });
    return {};
  },

  ListPolicyTags(input, ctx) {
    const { rows, ...page } = paginate(toTags(requirePolicy(ctx, input.PolicyArn).tags), input);
    return { Tags: [...rows], ...page };
  },
} satisfies Handlers<"iam", typeof iamTables>;

function assertDocument(document: string): void {
  assertPolicy(document, "identity");
  if (policySize(document) > BYTES) throw limitExceeded(`Cannot exceed quota for PolicySize: ${BYTES}`);
}

function requireOwn(ctx: IamContext, arn: string): PolicyRow {
  const row = requirePolicy(ctx, arn);
  if (managedPolicies.has(row.arn)) throw awsPolicyStays();
  return row;
}

function requireVersion(row: PolicyRow, id: string): PolicyVersionRow {
  const version = row.versions.find((one) => one.id === id);
  if (!version) throw policyVersionNotFound(row.arn, id);
  return version;
}
