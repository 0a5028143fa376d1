import type { InstanceProfile, Policy, PolicyVersion, Role, Tag } from "@aws-sdk/client-iam";
import type { InstanceProfileRow, PolicyRow, PolicyVersionRow, RoleRow } from "./state.ts";

export function toRole(row: RoleRow): Role {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: row.arn,
    CreateDate: new Date(row.createdAt),
    AssumeRolePolicyDocument: encodeDocument(row.trustPolicy),
    Description: row.description,
    MaxSessionDuration: row.maxSessionDuration,
  };
}

export function toPolicy(row: PolicyRow, attachments: number): Policy {
  return {
    PolicyName: row.name,
    PolicyId: row.id,
    Arn: row.arn,
    Path: row.path,
    DefaultVersionId: row.defaultVersion,
    AttachmentCount: attachments,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: row.description,
    CreateDate: new Date(row.createdAt),
    UpdateDate: new Date(row.updatedAt),
  };
}

export function toVersion(row: PolicyVersionRow, policy: PolicyRow): PolicyVersion {
  return { VersionId: row.id, IsDefaultVersion: row.id === policy.defaultVersion, CreateDate: new Date(row.createdAt) };
}

export function toInstanceProfile(row: InstanceProfileRow, role: RoleRow | undefined): InstanceProfile {
  return {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: row.arn,
    CreateDate: new Date(row.createdAt),
    Roles: role ? [toRole(role)] : [],
    Tags: toTags(row.tags),
  };
}

export function toTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** AWS: documents are percent-encoded as RFC 3986 says (API reference, GetRole). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
