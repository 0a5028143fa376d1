import { formatArn } from "#core";
import type { Permission, Permissions } from "#kernel";
import { hostOf } from "./operations/oidc-providers.ts";

interface At {
  readonly account: string;
}

const role =
  (action: string) =>
  (input: { RoleName: string; Path?: string | undefined }, { account }: At): Permission => ({
    action: `iam:${action}`,
    resource: formatArn({ service: "iam", region: "", account, resource: `role${input.Path ?? "/"}${input.RoleName}` }),
  });

const attachment =
  (action: string) =>
  (input: { RoleName: string; PolicyArn: string }, at: At): Permission => ({
    ...role(action)(input, at),
    conditions: { "iam:PolicyARN": input.PolicyArn },
  });

const profile =
  (action: string) =>
  (input: { InstanceProfileName: string; Path?: string | undefined }, { account }: At): Permission => ({
    action: `iam:${action}`,
    resource: formatArn({
      service: "iam",
      region: "",
      account,
      resource: `instance-profile${input.Path ?? "/"}${input.InstanceProfileName}`,
    }),
  });

const policy =
  (action: string) =>
  (input: { PolicyArn: string }): Permission => ({ action: `iam:${action}`, resource: input.PolicyArn });

const provider =
  (action: string) =>
  (input: { OpenIDConnectProviderArn: string }): Permission => ({
    action: `iam:${action}`,
    resource: input.OpenIDConnectProviderArn,
  });

export const permissions: Permissions<"iam"> = {
  CreateRole: role("CreateRole"),
  GetRole: role("GetRole"),
  ListRoles: (input, { account }) => ({
    action: "iam:ListRoles",
    resource: formatArn({ service: "iam", region: "", account, resource: `role${input.PathPrefix ?? "/"}` }),
  }),
  UpdateRole: role("UpdateRole"),
  UpdateRoleDescription: role("UpdateRoleDescription"),
  UpdateAssumeRolePolicy: role("UpdateAssumeRolePolicy"),
  DeleteRole: role("DeleteRole"),
  TagRole: role("TagRole"),
  UntagRole: role("UntagRole"),
  ListRoleTags: role("ListRoleTags"),
  ListInstanceProfilesForRole: role("ListInstanceProfilesForRole"),
  CreateInstanceProfile: profile("CreateInstanceProfile"),
  GetInstanceProfile: profile("GetInstanceProfile"),
  DeleteInstanceProfile: profile("DeleteInstanceProfile"),
  // AWS: handing a role on needs iam:PassRole too. "Permissions required to manage instance profiles", IAM user guide.
  AddRoleToInstanceProfile: (input, at) => [
    profile("AddRoleToInstanceProfile")(input, at),
    { ...role("PassRole")(input, at), conditions: { "iam:PassedToService": "ec2.amazonaws.com" } },
  ],
  RemoveRoleFromInstanceProfile: profile("RemoveRoleFromInstanceProfile"),
  PutRolePolicy: role("PutRolePolicy"),
  GetRolePolicy: role("GetRolePolicy"),
  ListRolePolicies: role("ListRolePolicies"),
  DeleteRolePolicy: role("DeleteRolePolicy"),
  ListAttachedRolePolicies: role("ListAttachedRolePolicies"),
  AttachRolePolicy: attachment("AttachRolePolicy"),
  DetachRolePolicy: attachment("DetachRolePolicy"),
  CreatePolicy: (input, { account }) => ({
    action: "iam:CreatePolicy",
    resource: formatArn({
      service: "iam",
      region: "",
      account,
      resource: `policy${input.Path ?? "/"}${input.PolicyName}`,
    }),
  }),
  GetPolicy: policy("GetPolicy"),
  DeletePolicy: policy("DeletePolicy"),
  CreatePolicyVersion: policy("CreatePolicyVersion"),
  GetPolicyVersion: policy("GetPolicyVersion"),
  ListPolicyVersions: policy("ListPolicyVersions"),
  DeletePolicyVersion: policy("DeletePolicyVersion"),
  SetDefaultPolicyVersion: policy("SetDefaultPolicyVersion"),
  ListEntitiesForPolicy: policy("ListEntitiesForPolicy"),
  TagPolicy: policy("TagPolicy"),
  UntagPolicy: policy("UntagPolicy"),
  ListPolicyTags: policy("ListPolicyTags"),
  CreateOpenIDConnectProvider: (input, { account }) => ({
    action: "iam:CreateOpenIDConnectProvider",
    resource: formatArn({ service: "iam", region: "", account, resource: `oidc-provider/${hostOf(input.Url)}` }),
  }),
  GetOpenIDConnectProvider: provider("GetOpenIDConnectProvider"),
  DeleteOpenIDConnectProvider: provider("DeleteOpenIDConnectProvider"),
  AddClientIDToOpenIDConnectProvider: provider("AddClientIDToOpenIDConnectProvider"),
  RemoveClientIDFromOpenIDConnectProvider: provider("RemoveClientIDFromOpenIDConnectProvider"),
  UpdateOpenIDConnectProviderThumbprint: provider("UpdateOpenIDConnectProviderThumbprint"),
  TagOpenIDConnectProvider: provider("TagOpenIDConnectProvider"),
  UntagOpenIDConnectProvider: provider("UntagOpenIDConnectProvider"),
  ListOpenIDConnectProviderTags: provider("ListOpenIDConnectProviderTags"),
};
