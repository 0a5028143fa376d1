import type { ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";
import { notImplemented } from "./faults.ts";

/** AWS::S3::BucketPolicy as a template writes it. */
interface Properties {
  readonly Bucket: string;
  readonly PolicyDocument: unknown;
}

/** AWS: its physical id is the bucket's name; a bucket has one policy, and a second resource for it is refused. */
export const bucketPolicy: ResourceHandler<Properties> = {
  replaceOn: ["Bucket"],

  async create(properties, at) {
    assertKnown(properties);
    const { Bucket } = properties;
    if (await hasPolicy(Bucket, at)) throw alreadyThere(Bucket);
    await put(properties, at);
    return { physicalId: Bucket, attributes: {} };
  },

  async update(properties, _previous, resource, at) {
    assertKnown(properties);
    await put(properties, at);
    return resource;
  },

  async delete({ physicalId }, _properties, at) {
    try {
      await at.call("s3", "DeleteBucketPolicy", { Bucket: physicalId });
    } catch (error) {
      if (!(error instanceof AwsFault && error.code === "NoSuchBucket")) throw error;
    }
  },
};

function put({ Bucket, PolicyDocument: document }: Properties, at: ResourceContext) {
  const Policy = typeof document === "string" ? document : JSON.stringify(document);
  return at.call("s3", "PutBucketPolicy", { Bucket, Policy });
}

async function hasPolicy(Bucket: string, at: ResourceContext): Promise<boolean> {
  try {
    await at.call("s3", "GetBucketPolicy", { Bucket });
    return true;
  } catch (error) {
    if (error instanceof AwsFault && error.code === "NoSuchBucketPolicy") return false;
    throw error;
  }
}

function alreadyThere(bucket: string): AwsFault {
  return new AwsFault("AlreadyExists", `The bucket policy already exists on bucket ${bucket}.`, { status: 400 });
}

function assertKnown(properties: Properties): void {
  const unknown = Object.keys(properties).find((name) => name !== "Bucket" && name !== "PolicyDocument");
  if (unknown !== undefined) throw notImplemented(`the property ${unknown} of AWS::S3::BucketPolicy`);
}
