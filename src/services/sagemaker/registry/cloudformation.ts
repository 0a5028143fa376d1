import { AwsFault } from "#protocol";
import type { ResourceHandler } from "#kernel";

type GroupProperties = {
  readonly ModelPackageGroupName: string;
  readonly ModelPackageGroupDescription?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
};

/** AWS: name and description both replace (resource schema of 15 June 2026). `Ref` gives the ARN. */
const group: ResourceHandler<GroupProperties> = {
  replaceOn: ["ModelPackageGroupName", "ModelPackageGroupDescription"],
  async create(properties, at) {
    const { Tags, ...rest } = properties;
    const { ModelPackageGroupArn: arn = "" } = await at.call("sagemaker", "CreateModelPackageGroup", {
      ...rest,
      ...(Tags && { Tags: Tags.map(({ Key, Value }) => ({ Key, Value })) }),
    });
    return { physicalId: arn, attributes: { ModelPackageGroupArn: arn, ModelPackageGroupStatus: "Completed" } };
  },
  async update({ Tags }, previous, resource, at) {
    const gone = (previous.Tags ?? []).map(({ Key }) => Key).filter((key) => !Tags?.some(({ Key }) => Key === key));
    if (gone.length > 0) await at.call("sagemaker", "DeleteTags", { ResourceArn: resource.physicalId, TagKeys: gone });
    if (Tags?.length) await at.call("sagemaker", "AddTags", { ResourceArn: resource.physicalId, Tags: [...Tags] });
    return resource;
  },
  async delete(_resource, properties, at) {
    try {
      await at.call("sagemaker", "DeleteModelPackageGroup", {
        ModelPackageGroupName: properties.ModelPackageGroupName,
      });
    } catch (error) {
      if (!(error instanceof AwsFault && error.message.includes("does not exist"))) throw error;
    }
  },
};

export const registryResources = { "AWS::SageMaker::ModelPackageGroup": group };
