import type { ResourceContext, ResourceHandler } from "#kernel";
import { ignoreMissing } from "./cloudformation-policies.ts";

/** AWS::IAM::InstanceProfile */
interface InstanceProfileProperties {
  readonly InstanceProfileName?: string;
  readonly Path?: string;
  readonly Roles: readonly string[];
}

export const instanceProfile: ResourceHandler<InstanceProfileProperties> = {
  replaceOn: ["InstanceProfileName", "Path"],

  async create(properties, at) {
    const InstanceProfileName = properties.InstanceProfileName ?? at.inventName(128);
    const { InstanceProfile: made } = await at.call("iam", "CreateInstanceProfile", {
      InstanceProfileName,
      ...(properties.Path !== undefined && { Path: properties.Path }),
    });
    const resource = { physicalId: InstanceProfileName, attributes: { Arn: made?.Arn ?? "" } };
    try {
      await add(properties.Roles, InstanceProfileName, at);
    } catch (error) {
      await instanceProfile.delete(resource, properties, at);
      throw error;
    }
    return resource;
  },

  async update(properties, previous, resource, at) {
    await removeAll(resource.physicalId, previous.Roles, at);
    await add(properties.Roles, resource.physicalId, at);
    return resource;
  },

  async delete({ physicalId: InstanceProfileName }, properties, at) {
    await removeAll(InstanceProfileName, properties.Roles, at);
    await ignoreMissing(at.call("iam", "DeleteInstanceProfile", { InstanceProfileName }));
  },
};

async function add(roles: readonly string[], InstanceProfileName: string, at: ResourceContext): Promise<void> {
  for (const RoleName of roles) await at.call("iam", "AddRoleToInstanceProfile", { InstanceProfileName, RoleName });
}

async function removeAll(InstanceProfileName: string, roles: readonly string[], at: ResourceContext): Promise<void> {
  for (const RoleName of roles)
    await ignoreMissing(at.call("iam", "RemoveRoleFromInstanceProfile", { InstanceProfileName, RoleName }));
}
