import type { Resource, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";

/** AWS::IAM::Policy: an inline policy of one or more roles. */
interface PolicyProperties {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
  readonly Roles?: readonly string[];
}

export const policy: ResourceHandler<PolicyProperties> = {
  replaceOn: ["PolicyName"],

  async create(properties, at) {
    await putEverywhere(properties, at);
    return { physicalId: properties.PolicyName, attributes: { Id: properties.PolicyName } };
  },

  async update(properties, previous, resource, at) {
    await putEverywhere(properties, at);
    await deleteFrom(without(previous.Roles, properties.Roles), resource.physicalId, at);
    return resource;
  },

  delete: (resource, properties, at) => deleteFrom(properties.Roles ?? [], resource.physicalId, at),
};

/** AWS::IAM::ManagedPolicy */
interface ManagedPolicyProperties {
  readonly ManagedPolicyName?: string;
  readonly Description?: string;
  readonly Path?: string;
  readonly PolicyDocument: unknown;
  readonly Roles?: readonly string[];
}

export const managedPolicy: ResourceHandler<ManagedPolicyProperties> = {
  replaceOn: ["ManagedPolicyName", "Description", "Path"],

  async create(properties, at) {
    const { Policy: made } = await at.call("iam", "CreatePolicy", {
      PolicyName: properties.ManagedPolicyName ?? at.inventName(128),
      PolicyDocument: toDocument(properties.PolicyDocument),
      ...(properties.Path !== undefined && { Path: properties.Path }),
      ...(properties.Description !== undefined && { Description: properties.Description }),
    });
    const resource = toResource(made?.Arn ?? "", made?.PolicyId ?? "");
    try {
      await attachTo(properties.Roles ?? [], resource.physicalId, at);
    } catch (error) {
      await managedPolicy.delete(resource, properties, at);
      throw error;
    }
    return resource;
  },

  async update(properties, previous, resource, at) {
    const PolicyArn = resource.physicalId;
    const document = toDocument(properties.PolicyDocument);
    if (document !== toDocument(previous.PolicyDocument)) {
      await makeRoomForVersion(PolicyArn, at);
      await at.call("iam", "CreatePolicyVersion", { PolicyArn, PolicyDocument: document, SetAsDefault: true });
    }
    await attachTo(properties.Roles ?? [], PolicyArn, at);
    await detachFrom(without(previous.Roles, properties.Roles), PolicyArn, at);
    return resource;
  },

  async delete(resource, _properties, at) {
    const PolicyArn = resource.physicalId;
    await ignoreMissing(
      (async () => {
        const { PolicyRoles: roles } = await at.call("iam", "ListEntitiesForPolicy", { PolicyArn });
        await detachFrom(
          (roles ?? []).flatMap(({ RoleName }) => RoleName ?? []),
          PolicyArn,
          at,
        );
        const { Versions: versions } = await at.call("iam", "ListPolicyVersions", { PolicyArn });
        for (const { VersionId, IsDefaultVersion } of versions ?? []) {
          if (VersionId && !IsDefaultVersion) await at.call("iam", "DeletePolicyVersion", { PolicyArn, VersionId });
        }
        await at.call("iam", "DeletePolicy", { PolicyArn });
      })(),
    );
  },
};

/** A template holds a document as an object, or as text. */
export function toDocument(document: unknown): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

export async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsFault) || error.code !== "NoSuchEntity") throw error;
  }
}

async function putEverywhere(properties: PolicyProperties, at: ResourceContext): Promise<void> {
  const { PolicyName } = properties;
  const PolicyDocument = toDocument(properties.PolicyDocument);
  for (const RoleName of properties.Roles ?? [])
    await at.call("iam", "PutRolePolicy", { RoleName, PolicyName, PolicyDocument });
}

async function deleteFrom(roles: readonly string[], PolicyName: string, at: ResourceContext): Promise<void> {
  for (const RoleName of roles) await ignoreMissing(at.call("iam", "DeleteRolePolicy", { RoleName, PolicyName }));
}

async function attachTo(roles: readonly string[], PolicyArn: string, at: ResourceContext): Promise<void> {
  for (const RoleName of roles) await at.call("iam", "AttachRolePolicy", { RoleName, PolicyArn });
}

async function detachFrom(roles: readonly string[], PolicyArn: string, at: ResourceContext): Promise<void> {
  for (const RoleName of roles) await ignoreMissing(at.call("iam", "DetachRolePolicy", { RoleName, PolicyArn }));
}

/** AWS: a policy has five versions at most; CloudFormation drops the oldest that is not in use. */
async function makeRoomForVersion(PolicyArn: string, at: ResourceContext): Promise<void> {
  const { Versions: versions = [] } = await at.call("iam", "ListPolicyVersions", { PolicyArn });
  const oldest = versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).at(-1)?.VersionId;
  if (versions.length >= 5 && oldest) await at.call("iam", "DeletePolicyVersion", { PolicyArn, VersionId: oldest });
}

function without(all: readonly string[] | undefined, kept: readonly string[] | undefined): string[] {
  return (all ?? []).filter((one) => !kept?.includes(one));
}

function toResource(arn: string, id: string): Resource {
  return { physicalId: arn, attributes: { PolicyArn: arn, PolicyId: id } };
}
