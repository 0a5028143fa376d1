import { setTimeout as sleep } from "node:timers/promises";
import type { InputOf, Resource, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";
import { toApiInput } from "./template-values.ts";

type Given = Readonly<Record<string, unknown>>;

const model: ResourceHandler<Given> = {
  // AWS: nothing of a model can change; every change makes a new one.
  replaceOn: ["ModelName"],
  async create(properties, at) {
    const ModelName = nameOf(properties, "ModelName", at);
    const input = { ...toApiInput(properties), ModelName, Tags: toTags(properties, at) } as unknown as InputOf<
      "sagemaker",
      "CreateModel"
    >;
    const { ModelArn: arn } = await at.call("sagemaker", "CreateModel", input);
    return toResource(arn, { ModelName });
  },
  delete: (resource, _properties, at) =>
    ignoreMissing(at.call("sagemaker", "DeleteModel", { ModelName: nameIn(resource) })),
};

const endpointConfig: ResourceHandler<Given> = {
  replaceOn: ["EndpointConfigName"],
  async create(properties, at) {
    const EndpointConfigName = nameOf(properties, "EndpointConfigName", at);
    const input = { ...toApiInput(properties), EndpointConfigName, Tags: toTags(properties, at) } as unknown as InputOf<
      "sagemaker",
      "CreateEndpointConfig"
    >;
    const { EndpointConfigArn: arn } = await at.call("sagemaker", "CreateEndpointConfig", input);
    return toResource(arn, { EndpointConfigName });
  },
  delete: (resource, _properties, at) =>
    ignoreMissing(at.call("sagemaker", "DeleteEndpointConfig", { EndpointConfigName: nameIn(resource) })),
};

const endpoint: ResourceHandler<Given> = {
  replaceOn: ["EndpointName"],
  async create(properties, at) {
    const EndpointName = nameOf(properties, "EndpointName", at);
    const { EndpointName: _, ...rest } = toApiInput(properties);
    const input = { ...rest, EndpointName, Tags: toTags(properties, at) } as unknown as InputOf<
      "sagemaker",
      "CreateEndpoint"
    >;
    const { EndpointArn: arn } = await at.call("sagemaker", "CreateEndpoint", input);
    const resource = toResource(arn, { EndpointName });
    try {
      await settled(EndpointName, at);
    } catch (error) {
      await endpoint.delete(resource, properties, at);
      throw error;
    }
    return resource;
  },
  async update(properties, _previous, resource, at) {
    const EndpointName = nameIn(resource);
    const EndpointConfigName = String(properties["EndpointConfigName"]);
    await at.call("sagemaker", "UpdateEndpoint", { EndpointName, EndpointConfigName });
    await settled(EndpointName, at);
    return resource;
  },
  async delete(resource, _properties, at) {
    const EndpointName = nameIn(resource);
    await ignoreMissing(at.call("sagemaker", "DeleteEndpoint", { EndpointName }));
    await ignoreMissing(gone(EndpointName, at));
  },
};

export const hostingResources: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {
  "AWS::SageMaker::Model": model,
  "AWS::SageMaker::EndpointConfig": endpointConfig,
  "AWS::SageMaker::Endpoint": endpoint,
};

const POLL = 100;

/** CloudFormation waits until the endpoint serves; when it does not, its reason is the stack's. */
async function settled(EndpointName: string, at: ResourceContext): Promise<void> {
  for (;;) {
    const { EndpointStatus: status, FailureReason: reason } = await at.call("sagemaker", "DescribeEndpoint", {
      EndpointName,
    });
    if (status === "InService" && reason === undefined) return;
    if (status === "Failed" || status === "InService")
      throw new AwsFault("GeneralServiceException", reason ?? "The endpoint failed.");
    await sleep(POLL);
  }
}

async function gone(EndpointName: string, at: ResourceContext): Promise<void> {
  for (;;) {
    await at.call("sagemaker", "DescribeEndpoint", { EndpointName });
    await sleep(POLL);
  }
}

async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsFault) || !error.message.startsWith("Could not find")) throw error;
  }
}

function nameOf(properties: Given, key: string, at: ResourceContext): string {
  const given = properties[key];
  return typeof given === "string" ? given : at.inventName(63);
}

/** AWS: Ref of these types is the ARN. */
function toResource(arn: string | undefined, names: Readonly<Record<string, string>>): Resource {
  return { physicalId: arn ?? "", attributes: { ...names } };
}

function nameIn(resource: Resource): string {
  return Object.values(resource.attributes)[0] ?? "";
}

function toTags(properties: Given, at: ResourceContext): { Key: string; Value: string }[] {
  const own = Array.isArray(properties["Tags"]) ? (properties["Tags"] as { Key: string; Value: string }[]) : [];
  const all = { ...at.tags, ...Object.fromEntries(own.map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}
