import { isRecord, parseArn, parseJson } from "#core";
import { type Context, rootPrincipal, type RolePrincipal } from "#kernel";
import { malformedPolicy, packedPolicyTooLarge, validationError } from "./faults.ts";
import { credentialsOf, openSession } from "./sessions.ts";
import type { stsTables } from "./state.ts";

type StsContext = Context<typeof stsTables>;

/** What the ways to a role's session have in common. */
interface Input {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined;
}

/** AWS: STS quotas. */
const SESSION_POLICY_CHARACTERS = 2048;
const CHAINED_SECONDS = 3600;

/** A session of the role, for a caller whom it trusts: that was decided before. */
export async function openRoleSession(input: Input, ctx: StsContext) {
  const role = await requireRole(input.RoleArn, ctx);
  const seconds = input.DurationSeconds ?? 3600;
  assertDuration(seconds, role.maxSessionDuration, ctx);
  const sessionPolicies = await readSessionPolicies(input, ctx);
  // AWS: managed session policies are named, not carried; the inline one takes the space.
  const size = input.Policy?.length ?? 0;
  if (size > SESSION_POLICY_CHARACTERS) throw packedPolicyTooLarge();

  const name = input.RoleSessionName;
  const arn = `arn:aws:sts::${ctx.account}:assumed-role/${role.name}/${name}`;
  const userId = `${role.id}:${name}`;
  const session = openSession(ctx, seconds, (accessKeyId): RolePrincipal => ({
    type: "role",
    arn,
    roleArn: input.RoleArn,
    roleName: role.name,
    sessionName: name,
    userId,
    account: ctx.account,
    accessKeyId,
    ...(sessionPolicies.length > 0 && { sessionPolicies }),
  }));
  return {
    Credentials: credentialsOf(session),
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    ...(size > 0 && { PackedPolicySize: Math.ceil((size / SESSION_POLICY_CHARACTERS) * 100) }),
  };
}

async function requireRole(
  arn: string,
  ctx: StsContext,
): Promise<{ id: string; name: string; maxSessionDuration: number }> {
  const resource = parseArn(arn)?.resource;
  if (!resource?.startsWith("role/")) throw validationError(`${arn} is invalid`);
  const name = resource.slice(resource.lastIndexOf("/") + 1);
  const { Role: role } = await ctx.call("iam", "GetRole", { RoleName: name }, { as: rootPrincipal(ctx.account) });
  if (!role?.RoleId || !role.RoleName) throw new Error(`IAM described the role ${name} without its id.`);
  return { id: role.RoleId, name: role.RoleName, maxSessionDuration: role.MaxSessionDuration ?? 3600 };
}

function assertDuration(seconds: number, longest: number, ctx: StsContext): void {
  if (ctx.principal.type === "role" && seconds > CHAINED_SECONDS) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (seconds > longest)
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

/** AWS: a session may do what its inline policy or one of its managed policies allows, and the role too. */
async function readSessionPolicies(input: Input, ctx: StsContext): Promise<string[]> {
  const documents: string[] = [];
  if (input.Policy !== undefined) {
    if (!isRecord(parseJson(input.Policy))) throw malformedPolicy("Syntax errors in policy.");
    documents.push(input.Policy);
  }
  for (const { arn } of input.PolicyArns ?? []) {
    if (arn !== undefined) documents.push(await readManagedPolicy(arn, ctx));
  }
  return documents;
}

async function readManagedPolicy(arn: string, ctx: StsContext): Promise<string> {
  const as = rootPrincipal(ctx.account);
  const { Policy: policy } = await ctx.call("iam", "GetPolicy", { PolicyArn: arn }, { as });
  const input = { PolicyArn: arn, VersionId: policy?.DefaultVersionId ?? "v1" };
  const { PolicyVersion: version } = await ctx.call("iam", "GetPolicyVersion", input, { as });
  return decodeURIComponent(version?.Document ?? "");
}
