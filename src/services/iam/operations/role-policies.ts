import type { Handlers } from "#kernel";
import { invalidInput, limitExceeded, policyNotAttachable, policyNotFound, rolePolicyNotFound } from "../faults.ts";
import { paginate } from "../page.ts";
import { assertPolicy, findPolicy, policySize, requireRole, saveRole } from "../require.ts";
import type { iamTables } from "../state.ts";
import { encodeDocument } from "../views.ts";

/** AWS: quotas of a role (IAM quotas page). */
const INLINE_BYTES = 10_240;
const ATTACHED = 10;

export const rolePolicies = {
  PutRolePolicy(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    assertPolicy(input.PolicyDocument, "identity");
    const inlinePolicies = { ...row.inlinePolicies, [input.PolicyName]: input.PolicyDocument };
    const size = Object.values(inlinePolicies).reduce((sum, document) => sum + policySize(document), 0);
    if (size > INLINE_BYTES)
      throw limitExceeded(`Maximum policy size of ${INLINE_BYTES} bytes exceeded for role ${row.name}`);
    saveRole(ctx, { ...row, inlinePolicies });
    return {};
  },

  GetRolePolicy(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    const document = row.inlinePolicies[input.PolicyName];
    if (document === undefined) throw rolePolicyNotFound(input.PolicyName);
    return { RoleName: row.name, PolicyName: input.PolicyName, PolicyDocument: encodeDocument(document) };
  },

  ListRolePolicies(input, ctx) {
    const { rows, ...page } = paginate(Object.keys(requireRole(ctx, input.RoleName).inlinePolicies).sort(), input);
    return { PolicyNames: [...rows], ...page };
  },

  DeleteRolePolicy(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    const { [input.PolicyName]: gone, ...inlinePolicies } = row.inlinePolicies;
    if (gone === undefined) throw rolePolicyNotFound(input.PolicyName);
    saveRole(ctx, { ...row, inlinePolicies });
    return {};
  },

  AttachRolePolicy(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    assertPolicyArn(input.PolicyArn);
    const policy = findPolicy(ctx, input.PolicyArn);
    if (!policy) throw policyNotAttachable(input.PolicyArn);
    if (row.attachedPolicies.includes(policy.arn)) return {};
    if (row.attachedPolicies.length >= ATTACHED)
      throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${ATTACHED}`);
    saveRole(ctx, { ...row, attachedPolicies: [...row.attachedPolicies, policy.arn] });
    return {};
  },

  DetachRolePolicy(input, ctx) {
    const row = requireRole(ctx, input.RoleName);
    assertPolicyArn(input.PolicyArn);
    if (!row.attachedPolicies.includes(input.PolicyArn)) throw policyNotFound(input.PolicyArn);
    saveRole(ctx, { ...row, attachedPolicies: row.attachedPolicies.filter((arn) => arn !== input.PolicyArn) });
    return {};
  },

  ListAttachedRolePolicies(input, ctx) {
    const prefix = input.PathPrefix ?? "/";
    const attached = requireRole(ctx, input.RoleName).attachedPolicies.flatMap((arn) => {
      const policy = findPolicy(ctx, arn);
      return policy?.path.startsWith(prefix) ? [{ PolicyName: policy.name, PolicyArn: policy.arn }] : [];
    });
    const { rows, ...page } = paginate(attached, input);
    return { AttachedPolicies: [...rows], ...page };
  },
} satisfies Handlers<"iam", typeof iamTables>;

function assertPolicyArn(arn: string): void {
  if (!/^arn:aws[\w-]*:iam::(\d{12}|aws):policy\/.+/.test(arn)) throw invalidInput(`ARN ${arn} is not valid.`);
}
