import { AwsFault } from "#protocol";
import type { ResourceContext, ResourceHandler } from "#kernel";

type PipelineProperties = {
  readonly PipelineName: string;
  readonly PipelineDisplayName?: string;
  readonly PipelineDescription?: string;
  readonly RoleArn: string;
  /** AWS: an object with one of the two, unlike the API (resource schema of 15 June 2026). */
  readonly PipelineDefinition: {
    readonly PipelineDefinitionBody?: string;
    readonly PipelineDefinitionS3Location?: {
      readonly Bucket: string;
      readonly Key: string;
      readonly Version?: string;
    };
  };
  readonly ParallelismConfiguration?: { readonly MaxParallelExecutionSteps: number };
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
};

const pipeline: ResourceHandler<PipelineProperties> = {
  replaceOn: ["PipelineName"],
  async create(properties, at) {
    const { PipelineArn = "" } = await at.call("sagemaker", "CreatePipeline", {
      ...toInput(properties),
      RoleArn: properties.RoleArn,
      ClientRequestToken: tokenOf(at),
      ...(properties.Tags && { Tags: [...properties.Tags] }),
    });
    return { physicalId: properties.PipelineName, attributes: { Arn: PipelineArn } };
  },
  async update(properties, _previous, resource, at) {
    await at.call("sagemaker", "UpdatePipeline", { ...toInput(properties), RoleArn: properties.RoleArn });
    return resource;
  },
  async delete(resource, _properties, at) {
    try {
      await at.call("sagemaker", "DeletePipeline", {
        PipelineName: resource.physicalId,
        ClientRequestToken: tokenOf(at),
      });
    } catch (error) {
      if (!(error instanceof AwsFault && error.code === "ResourceNotFound")) throw error;
    }
  },
};

export const pipelineResources = { "AWS::SageMaker::Pipeline": pipeline };

function toInput(properties: PipelineProperties) {
  const { PipelineDefinitionBody: body, PipelineDefinitionS3Location: location } = properties.PipelineDefinition;
  const { PipelineName, PipelineDisplayName, PipelineDescription, ParallelismConfiguration } = properties;
  return {
    PipelineName,
    ...(PipelineDisplayName !== undefined && { PipelineDisplayName }),
    ...(PipelineDescription !== undefined && { PipelineDescription }),
    ...(body !== undefined && { PipelineDefinition: body }),
    ...(location && {
      PipelineDefinitionS3Location: {
        Bucket: location.Bucket,
        ObjectKey: location.Key,
        ...(location.Version !== undefined && { VersionId: location.Version }),
      },
    }),
    ...(ParallelismConfiguration && {
      ParallelismConfiguration: {
        MaxParallelExecutionSteps: Number(ParallelismConfiguration.MaxParallelExecutionSteps),
      },
    }),
  };
}

/** AWS: at least 32 characters. */
function tokenOf(at: ResourceContext): string {
  return `cloudformation-${at.inventName(64)}`.padEnd(32, "0");
}
