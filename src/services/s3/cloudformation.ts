import type { Resource, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";
import { arnOf } from "./arns.ts";
import { bucketPolicy } from "./cloudformation-policy.ts";
import { type BucketProperties, SETTINGS } from "./cloudformation-settings.ts";
import { notImplemented } from "./faults.ts";

const bucket: ResourceHandler<BucketProperties> = {
  replaceOn: ["BucketName"],

  async create(properties, at) {
    assertKnown(properties);
    const Bucket = properties.BucketName ?? at.inventName(63).toLowerCase();
    await at.call("s3", "CreateBucket", {
      Bucket,
      ...(at.region !== "us-east-1" && { CreateBucketConfiguration: { LocationConstraint: at.region as "eu-west-1" } }),
    });
    try {
      await configure(Bucket, properties, { ...at, previous: {} });
    } catch (error) {
      // A bucket that could not be finished has no physical id yet: nobody else would remove it.
      await remove(Bucket, at);
      throw error;
    }
    return describe(Bucket, at);
  },

  async update(properties, previous, { physicalId }, at) {
    assertKnown(properties);
    await configure(physicalId, properties, { ...at, previous });
    return describe(physicalId, at);
  },

  delete: ({ physicalId }, _properties, at) => remove(physicalId, at),
};

/** What CloudFormation can make here. */
export const resources = {
  "AWS::S3::Bucket": bucket as ResourceHandler,
  "AWS::S3::BucketPolicy": bucketPolicy as unknown as ResourceHandler,
} as const;

function assertKnown(properties: BucketProperties): void {
  const unknown = Object.keys(properties).find((name) => name !== "BucketName" && !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined) throw notImplemented(`the property ${unknown} of AWS::S3::Bucket`);
}

async function configure(
  name: string,
  properties: BucketProperties,
  at: ResourceContext & { readonly previous: BucketProperties },
): Promise<void> {
  for (const [property, setting] of Object.entries(SETTINGS)) {
    const key = property as keyof typeof SETTINGS;
    const isThere = properties[key] !== undefined;
    if (isThere || (key === "Tags" && Object.keys(at.tags).length > 0)) await setting.put(name, properties, at);
    else if (at.previous[key] !== undefined) await setting.remove(name, at);
  }
}

async function remove(name: string, at: ResourceContext): Promise<void> {
  try {
    await at.call("s3", "DeleteBucket", { Bucket: name });
  } catch (error) {
    if (!(error instanceof AwsFault && error.code === "NoSuchBucket")) throw error;
  }
}

/** AWS: return values of AWS::S3::Bucket, CloudFormation template reference. */
function describe(name: string, { region }: ResourceContext): Resource {
  return {
    physicalId: name,
    attributes: {
      Arn: arnOf(name),
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}
