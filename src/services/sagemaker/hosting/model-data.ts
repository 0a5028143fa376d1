import type { BlobStore } from "#kernel";
import { AwsFault } from "#protocol";
import { modelDataNotAccessible, modelDataNotFound } from "./faults.ts";
import { assumeModelRole } from "./roles.ts";
import type { HostingContext } from "./state.ts";

interface S3Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** `s3://bucket/key`, or the older `https://s3….amazonaws.com/bucket/key`. */
function parseS3Url(url: string): S3Place | undefined {
  const match = /^(?:s3:\/\/|https:\/\/s3[^/]*\.amazonaws\.com\/)([^/]+)\/(.+)$/.exec(url);
  return match?.[1] && match[2] ? { Bucket: match[1], Key: match[2] } : undefined;
}

/** AWS: CreateModel looks whether the role can read the data, and refuses if not. */
export async function assertModelData(ctx: HostingContext, url: string, role: string): Promise<void> {
  const place = parseS3Url(url);
  if (!place) throw modelDataNotFound(url);
  try {
    const { principal } = await assumeModelRole(ctx, role);
    await ctx.call("s3", "HeadObject", place, { as: principal });
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    throw isMissing(error) ? modelDataNotFound(url) : modelDataNotAccessible(url, role, ctx.region);
  }
}

/** Copies the data, read as the role, to a blob of hosting's own; gives its id. The fault says why an endpoint failed. */
export async function fetchModelData(
  ctx: HostingContext,
  url: string,
  role: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { principal } = await assumeModelRole(ctx, role);
    const { Body: body } = await ctx.call("s3", "GetObject", parseS3Url(url) ?? { Bucket: "", Key: "" }, {
      as: principal,
    });
    const { id } = await modelBlobs(ctx).write(toSource(body), { signal });
    return id;
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    // AWS: the FailureReason of DescribeEndpoint, as reported in public; what S3 or STS said is added by us.
    throw new AwsFault(
      error.code,
      `Failed to download model data for container "container_1" from URL: "${url}". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object. (${error.message})`,
    );
  }
}

export function modelBlobs(ctx: Pick<HostingContext, "kernel">) {
  return ctx.kernel.blobs.within("hosting");
}

function isMissing({ code }: AwsFault): boolean {
  return code === "NoSuchKey" || code === "NoSuchBucket" || code === "NotFound";
}

type BlobSource = Parameters<BlobStore["write"]>[0];

function toSource(body: unknown): BlobSource {
  if (body === undefined) return new Uint8Array();
  return typeof body === "string" ? Buffer.from(body) : (body as BlobSource);
}
