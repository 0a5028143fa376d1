import { type Context, type Permission, servicePrincipal } from "#kernel";
import { AwsFault, fault } from "#protocol";
import { isRecord } from "#core";
import { arnOf, bucketOfArn } from "./arns.ts";
import { configurationNotFound } from "./faults.ts";
import { findPolicyProblem, statementsOf, toList } from "./policy-grammar.ts";
import { isPublic } from "./public-policies.ts";
import { requireBucket } from "./require.ts";
import type { S3Context, S3Handlers } from "./state.ts";

export const policyOperations = {
  async PutBucketPolicy(input, ctx) {
    requireBucket(ctx, input);
    const { Policy: policy = "", Bucket: bucket } = input;
    if (Buffer.byteLength(policy) > LARGEST) {
      throw fault("PolicyTooLarge", "Policy exceeds the maximum allowed document size.", { status: 400 });
    }
    const problem = findPolicyProblem(policy, bucket) ?? (await findUnknownRole(ctx, policy));
    if (problem !== undefined) throw fault("MalformedPolicy", problem, { status: 400 });
    const row = requireBucket(ctx, input);
    if (row.publicAccess?.blockPolicy && isPublic(policy)) throw publicRefused(ctx, bucket);
    ctx.tables.buckets.put(bucket, { ...row, policy });
    return {};
  },

  GetBucketPolicy(input, ctx) {
    return { Policy: requirePolicy(ctx, input) };
  },

  GetBucketPolicyStatus(input, ctx) {
    return { PolicyStatus: { IsPublic: isPublic(requirePolicy(ctx, input)) } };
  },

  DeleteBucketPolicy(input, ctx) {
    const { policy: _, ...row } = requireBucket(ctx, input);
    ctx.tables.buckets.put(input.Bucket, row);
    return {};
  },
} satisfies S3Handlers;

/** AWS: 20 KB (user guide, "Bucket policies"). */
const LARGEST = 20 * 1024;

/** AWS: whatever a bucket's policy denies, the account's own root may look at it, change it and take it away. */
const ROOTS = new Set(["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]);

/** The policy of the bucket that a permission is about, for the authorizer. */
export function resourcePolicyOf({ action, resource }: Permission, ctx: S3Context): string | undefined {
  if (!action.startsWith("s3:") || (ctx.principal.type === "root" && ROOTS.has(action))) return undefined;
  const bucket = bucketOfArn(resource);
  return bucket === undefined ? undefined : ctx.tables.buckets.get(bucket)?.policy;
}

function requirePolicy(ctx: S3Context, input: { readonly Bucket: string }): string {
  const { policy } = requireBucket(ctx, input);
  if (policy === undefined) {
    throw configurationNotFound("NoSuchBucketPolicy", "The bucket policy does not exist", input.Bucket);
  }
  return policy;
}

/** AWS: a role of this account that does not exist is no principal. There are no users here. */
async function findUnknownRole(ctx: S3Context, policy: string): Promise<string | undefined> {
  const principals = statementsOf(policy).flatMap(({ Principal, NotPrincipal }) => [Principal, NotPrincipal]);
  const names = principals.flatMap((one) => (isRecord(one) ? toList(one["AWS"]).map(String) : []));
  for (const name of names) {
    const [, account, kind, path = ""] = /^arn:[\w-]+:iam::(\d{12}):(role|user)\/(.+)$/.exec(name) ?? [];
    if (account !== ctx.account) continue;
    if (kind === "user" || !(await isRole(ctx, name, path))) return "Invalid principal in policy";
  }
  return undefined;
}

async function isRole(ctx: Context, arn: string, path: string): Promise<boolean> {
  const RoleName = path.slice(path.lastIndexOf("/") + 1);
  const as = servicePrincipal("s3.amazonaws.com", ctx.account);
  try {
    return (await ctx.call("iam", "GetRole", { RoleName }, { as })).Role?.Arn === arn;
  } catch (error) {
    if (error instanceof AwsFault) return false;
    throw error;
  }
}

function publicRefused(ctx: S3Context, bucket: string): AwsFault {
  return fault(
    "AccessDenied",
    `User: ${ctx.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${arnOf(bucket)}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    { status: 403 },
  );
}
