import { fault } from "#protocol";
import { type InputOf, tableKey } from "#kernel";
import { arnOf } from "./arns.ts";
import { assertBucketName } from "./bucket-names.ts";
import { objectBytes } from "./bytes.ts";
import { bucketNotEmpty, bucketOwnedByYou, invalidArgument, notImplemented } from "./faults.ts";
import { dropUploadsOf } from "./multipart-state.ts";
import { ownerOf, requireBucket, shownTime } from "./require.ts";
import type { S3Context, S3Handlers } from "./state.ts";
import { toTags } from "./tags.ts";

export const bucketOperations = {
  CreateBucket(input, ctx) {
    assertBucketName(input.Bucket);
    refuseUnsupported(input);
    const region = regionOf(ctx, input.CreateBucketConfiguration?.LocationConstraint);
    const tags = input.CreateBucketConfiguration?.Tags;
    const answer = {
      Location: region === NORTH_VIRGINIA ? `/${input.Bucket}` : `${ctx.kernel.endpoint}/${input.Bucket}`,
      BucketArn: arnOf(input.Bucket),
    };
    return ctx.kernel.transaction(() => {
      const known = ctx.tables.buckets.get(input.Bucket);
      if (known) {
        // AWS: in us-east-1 a second CreateBucket by the owner is answered with 200 (API reference, CreateBucket).
        if (ctx.region === NORTH_VIRGINIA && known.region === NORTH_VIRGINIA) return answer;
        throw bucketOwnedByYou(input.Bucket);
      }
      ctx.tables.buckets.put(input.Bucket, {
        region,
        created: ctx.now().getTime(),
        ...(tags && tags.length > 0 && { tags: toTags(tags, 50) }),
        publicAccess: { blockAcls: true, ignoreAcls: true, blockPolicy: true, restrictBuckets: true },
        ownershipControls: true,
      });
      return answer;
    });
  },

  HeadBucket(input, ctx) {
    const { region } = requireBucket(ctx, input);
    return { BucketRegion: region, AccessPointAlias: false, BucketArn: arnOf(input.Bucket) };
  },

  GetBucketLocation(input, ctx) {
    const { region } = requireBucket(ctx, input);
    // AWS: us-east-1 has no name of its own here.
    return region === NORTH_VIRGINIA ? {} : { LocationConstraint: region as "eu-west-1" };
  },

  ListBuckets(input, ctx) {
    const { Prefix: prefix, MaxBuckets: most, ContinuationToken: token, BucketRegion: region } = input;
    if (most !== undefined && (most < 1 || most > 10_000)) {
      throw invalidArgument("max-buckets", most, "Argument max-buckets must be an integer between 1 and 10000");
    }
    const after = token === undefined ? undefined : Buffer.from(token, "base64url").toString();
    const found = ctx.tables.buckets
      .list({ ...(prefix !== undefined && { prefix }), ...(after !== undefined && { after }) })
      .filter(({ row }) => region === undefined || row.region === region);
    const page = most === undefined ? found : found.slice(0, most);
    const last = page.at(-1);
    return {
      Buckets: page.map(({ key, row }) => ({
        Name: key,
        CreationDate: shownTime(row.created),
        // AWS: the newer members only come with the newer, paginated form of the request.
        ...((most !== undefined || region !== undefined) && { BucketRegion: row.region, BucketArn: arnOf(key) }),
      })),
      Owner: ownerOf(ctx.account),
      ...(prefix !== undefined && { Prefix: prefix }),
      ...(last && page.length < found.length && { ContinuationToken: Buffer.from(last.key).toString("base64url") }),
    };
  },

  async DeleteBucket(input, ctx) {
    const bytes = ctx.kernel.live(objectBytes);
    const unreferenced = ctx.kernel.transaction(() => {
      const { versioning } = requireBucket(ctx, input);
      const first = { prefix: tableKey(input.Bucket, ""), limit: 1 };
      if (ctx.tables.objects.list(first).length + ctx.tables.versions.list(first).length > 0) {
        throw bucketNotEmpty(input.Bucket, versioning);
      }
      const blobs = dropUploadsOf(ctx, input.Bucket);
      ctx.tables.buckets.delete(input.Bucket);
      return bytes.release(blobs);
    });
    await bytes.discard(unreferenced);
    return {};
  },
} satisfies S3Handlers;

const NORTH_VIRGINIA = "us-east-1";

function refuseUnsupported(input: InputOf<"s3", "CreateBucket">): void {
  const grants = [input.GrantFullControl, input.GrantRead, input.GrantReadACP, input.GrantWrite, input.GrantWriteACP];
  if ((input.ACL ?? "private") !== "private" || grants.some((grant) => grant !== undefined)) {
    // AWS: what a bucket answers since April 2023, when object ownership is not given (user guide, "Controlling ownership").
    throw fault(
      "InvalidBucketAclWithObjectOwnership",
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
      { status: 400 },
    );
  }
  if ((input.ObjectOwnership ?? "BucketOwnerEnforced") !== "BucketOwnerEnforced") {
    throw notImplemented(`access control lists (ObjectOwnership ${input.ObjectOwnership})`);
  }
  if (input.ObjectLockEnabledForBucket) throw notImplemented("S3 Object Lock");
  const { Location: zone, Bucket: kind } = input.CreateBucketConfiguration ?? {};
  if (zone || kind) throw notImplemented("directory buckets");
}

function regionOf(ctx: S3Context, constraint: string | undefined): string {
  if (constraint === NORTH_VIRGINIA) {
    throw fault("InvalidLocationConstraint", "The specified location-constraint is not valid", {
      status: 400,
      members: { LocationConstraint: constraint },
    });
  }
  const asked = constraint === "EU" ? "eu-west-1" : constraint;
  // AWS: the endpoint of us-east-1 makes buckets anywhere, every other one only in its own region.
  if (ctx.region === NORTH_VIRGINIA) return asked ?? NORTH_VIRGINIA;
  if (asked === ctx.region) return asked;
  throw fault(
    "IllegalLocationConstraintException",
    `The ${asked ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    { status: 400 },
  );
}
