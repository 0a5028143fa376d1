import { formatArn } from "#core";
import type { Resource, ResourceContext, ResourceHandler } from "#kernel";

type LogGroupProperties = {
  readonly LogGroupName?: string;
  readonly RetentionInDays?: number | string;
  readonly LogGroupClass?: "STANDARD" | "INFREQUENT_ACCESS" | "DELIVERY";
  readonly KmsKeyId?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
};

const logGroup: ResourceHandler<LogGroupProperties> = {
  replaceOn: ["LogGroupName"],

  async create(properties, at) {
    const logGroupName = properties.LogGroupName ?? at.inventName(512);
    await at.call("logs", "CreateLogGroup", {
      logGroupName,
      tags: tagsOf(properties, at),
      ...(properties.LogGroupClass !== undefined && { logGroupClass: properties.LogGroupClass }),
      ...(properties.KmsKeyId !== undefined && { kmsKeyId: properties.KmsKeyId }),
    });
    if (properties.RetentionInDays !== undefined) await retain(logGroupName, properties, at);
    return toResource(logGroupName, at);
  },

  async update(properties, _previous, resource, at) {
    await retain(resource.physicalId, properties, at);
    const resourceArn = resource.attributes["Arn"]?.replace(/:\*$/, "") ?? "";
    const wanted = tagsOf(properties, at);
    const { tags = {} } = await at.call("logs", "ListTagsForResource", { resourceArn });
    const gone = Object.keys(tags).filter((key) => !(key in wanted));
    if (gone.length > 0) await at.call("logs", "UntagResource", { resourceArn, tagKeys: gone });
    if (Object.keys(wanted).length > 0) await at.call("logs", "TagResource", { resourceArn, tags: wanted });
    return resource;
  },

  async delete(resource, _properties, at) {
    try {
      await at.call("logs", "DeleteLogGroup", { logGroupName: resource.physicalId });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ResourceNotFoundException")) throw error;
    }
  },
};

export const resources = { "AWS::Logs::LogGroup": logGroup };

async function retain(logGroupName: string, properties: LogGroupProperties, at: ResourceContext): Promise<void> {
  const days = properties.RetentionInDays;
  if (days === undefined) await at.call("logs", "DeleteRetentionPolicy", { logGroupName });
  else await at.call("logs", "PutRetentionPolicy", { logGroupName, retentionInDays: Number(days) });
}

function toResource(name: string, at: ResourceContext): Resource {
  const arn = formatArn({ service: "logs", region: at.region, account: at.account, resource: `log-group:${name}:*` });
  return { physicalId: name, attributes: { Arn: arn } };
}

function tagsOf(properties: LogGroupProperties, at: ResourceContext): Record<string, string> {
  return { ...at.tags, ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])) };
}
