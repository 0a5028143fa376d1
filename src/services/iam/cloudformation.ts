import type { Resource, ResourceContext, ResourceHandler } from "#kernel";
import { instanceProfile } from "./cloudformation-instance-profile.ts";
import { oidcProvider } from "./cloudformation-oidc-provider.ts";
import { ignoreMissing, managedPolicy, policy, toDocument } from "./cloudformation-policies.ts";

/** AWS::IAM::Role as a template writes it. */
interface RoleProperties {
  readonly RoleName?: string;
  readonly Path?: string;
  readonly Description?: string;
  readonly AssumeRolePolicyDocument: unknown;
  /** A template may write numbers as text. */
  readonly MaxSessionDuration?: number | string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly InlinePolicy[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly PermissionsBoundary?: string;
}

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

const role: ResourceHandler<RoleProperties> = {
  replaceOn: ["RoleName", "Path"],

  async create(properties, at) {
    const RoleName = properties.RoleName ?? at.inventName(64);
    const { Role: made } = await at.call("iam", "CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: toDocument(properties.AssumeRolePolicyDocument),
      Tags: toTags(properties, at),
      ...(properties.Path !== undefined && { Path: properties.Path }),
      ...(properties.Description !== undefined && { Description: properties.Description }),
      ...(properties.PermissionsBoundary !== undefined && { PermissionsBoundary: properties.PermissionsBoundary }),
      ...toDuration(properties),
    });
    try {
      await attach(RoleName, properties, { Policies: [], ManagedPolicyArns: [] }, at);
    } catch (error) {
      // A role that could not be finished has no physical id yet: nobody else would remove it.
      await remove(RoleName, at);
      throw error;
    }
    return { physicalId: RoleName, attributes: { Arn: made?.Arn ?? "", RoleId: made?.RoleId ?? "" } };
  },

  async update(properties, previous, resource, at) {
    const RoleName = resource.physicalId;
    const PolicyDocument = toDocument(properties.AssumeRolePolicyDocument);
    await at.call("iam", "UpdateAssumeRolePolicy", { RoleName, PolicyDocument });
    await at.call("iam", "UpdateRole", {
      RoleName,
      Description: properties.Description ?? "",
      ...toDuration(properties),
    });
    await attach(RoleName, properties, previous, at);
    const tags = toTags(properties, at);
    const gone = toTags(previous, at).flatMap(({ Key }) => (tags.some((tag) => tag.Key === Key) ? [] : [Key]));
    if (gone.length > 0) await at.call("iam", "UntagRole", { RoleName, TagKeys: gone });
    if (tags.length > 0) await at.call("iam", "TagRole", { RoleName, Tags: tags });
    return describe(RoleName, at);
  },

  delete: (resource, _properties, at) => ignoreMissing(remove(resource.physicalId, at)),
};

export const cloudformation: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {
  "AWS::IAM::Role": role as unknown as ResourceHandler,
  "AWS::IAM::Policy": policy as unknown as ResourceHandler,
  "AWS::IAM::ManagedPolicy": managedPolicy as unknown as ResourceHandler,
  "AWS::IAM::OIDCProvider": oidcProvider as unknown as ResourceHandler,
  "AWS::IAM::InstanceProfile": instanceProfile as unknown as ResourceHandler,
};

async function describe(RoleName: string, at: ResourceContext): Promise<Resource> {
  const { Role: found } = await at.call("iam", "GetRole", { RoleName });
  return { physicalId: RoleName, attributes: { Arn: found?.Arn ?? "", RoleId: found?.RoleId ?? "" } };
}

type Attached = Pick<RoleProperties, "Policies" | "ManagedPolicyArns">;

/** Brings a role's policies from what the template said to what it says. */
async function attach(RoleName: string, wanted: Attached, previous: Attached, at: ResourceContext): Promise<void> {
  for (const { PolicyName, PolicyDocument } of wanted.Policies ?? []) {
    await at.call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument: toDocument(PolicyDocument) });
  }
  for (const PolicyArn of wanted.ManagedPolicyArns ?? [])
    await at.call("iam", "AttachRolePolicy", { RoleName, PolicyArn });
  for (const { PolicyName } of previous.Policies ?? []) {
    if (wanted.Policies?.some((one) => one.PolicyName === PolicyName)) continue;
    await ignoreMissing(at.call("iam", "DeleteRolePolicy", { RoleName, PolicyName }));
  }
  for (const PolicyArn of previous.ManagedPolicyArns ?? []) {
    if (wanted.ManagedPolicyArns?.includes(PolicyArn)) continue;
    await ignoreMissing(at.call("iam", "DetachRolePolicy", { RoleName, PolicyArn }));
  }
}

/** AWS: CloudFormation takes away what hangs on the role, also what others put there. */
async function remove(RoleName: string, at: ResourceContext): Promise<void> {
  const { PolicyNames: names } = await at.call("iam", "ListRolePolicies", { RoleName });
  for (const PolicyName of names ?? []) await at.call("iam", "DeleteRolePolicy", { RoleName, PolicyName });
  const { AttachedPolicies: attached } = await at.call("iam", "ListAttachedRolePolicies", { RoleName });
  for (const { PolicyArn } of attached ?? []) {
    if (PolicyArn !== undefined) await at.call("iam", "DetachRolePolicy", { RoleName, PolicyArn });
  }
  await at.call("iam", "DeleteRole", { RoleName });
}

function toDuration({ MaxSessionDuration: duration }: RoleProperties): { MaxSessionDuration?: number } {
  return duration === undefined ? {} : { MaxSessionDuration: Number(duration) };
}

function toTags({ Tags }: RoleProperties, at: ResourceContext): { Key: string; Value: string }[] {
  const all = { ...at.tags, ...Object.fromEntries((Tags ?? []).map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}
