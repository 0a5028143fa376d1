import type { Context, Handlers, InputOf, Permission } from "#kernel";
import { conflict, notBuilt, resourceNotFound } from "../faults.ts";
import { functionArn, parseFunctionName, requireFunction } from "../function-name.ts";
import type { FunctionRow, LambdaTables, PolicyStatement } from "../state.ts";
import { assertRevision } from "./updates.ts";

type AddInput = InputOf<"lambda", "AddPermission">;

export const resourcePolicies = {
  AddPermission(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    assertRevision(row, input.RevisionId);
    if (input.FunctionUrlAuthType !== undefined) throw notBuilt("FunctionUrlAuthType");
    if (input.EventSourceToken !== undefined) throw notBuilt("EventSourceToken");
    if (row.policy.some(({ Sid }) => Sid === input.StatementId)) {
      throw conflict(
        `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
    const statement = toStatement(input, functionArn(row.name, ctx), ctx.account);
    write(ctx, row, [...row.policy, statement]);
    return { Statement: JSON.stringify(statement) };
  },

  RemovePermission(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    assertRevision(row, input.RevisionId);
    if (row.policy.length === 0) throw resourceNotFound("No policy is associated with the given resource.");
    const kept = row.policy.filter(({ Sid }) => Sid !== input.StatementId);
    if (kept.length === row.policy.length)
      throw resourceNotFound(`Statement ${input.StatementId} is not found in resource policy.`);
    write(ctx, row, kept);
    return {};
  },

  GetPolicy(input, ctx) {
    const row = requireFunction(ctx, input.FunctionName, input.Qualifier);
    if (row.policy.length === 0) throw resourceNotFound("The resource you requested does not exist.");
    return { Policy: toDocument(row), RevisionId: row.revision };
  },
} satisfies Handlers<"lambda", LambdaTables>;

/** Rows are the same objects until they change, so their policies need to be written only once. */
const documents = new WeakMap<FunctionRow, string>();

/** The policy of the function that a permission is about, for the authorizer: without one, no service may do anything. */
export function resourcePolicyOf({ action, resource }: Permission, ctx: Context<LambdaTables>): string | undefined {
  if (!action.startsWith("lambda:") || ctx.principal.type === "root") return undefined;
  const row = ctx.tables.functions.get(parseFunctionName(resource).name);
  if (!row || row.policy.length === 0) return NOTHING;
  const known = documents.get(row);
  if (known !== undefined) return known;
  const document = toDocument(row);
  documents.set(row, document);
  return document;
}

const NOTHING = '{"Version":"2012-10-17","Statement":[]}';

function toDocument(row: FunctionRow): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: row.policy });
}

function write(ctx: Context<LambdaTables>, row: FunctionRow, policy: readonly PolicyStatement[]): void {
  ctx.tables.functions.put(row.name, { ...row, policy, revision: ctx.kernel.ids.uuid() });
}

/** AWS: how AddPermission writes a principal and its conditions. From GetPolicy's answers in the documentation. */
function toStatement(input: AddInput, resource: string, account: string): PolicyStatement {
  const {
    Principal: principal,
    SourceArn: sourceArn,
    SourceAccount: sourceAccount,
    PrincipalOrgID: organization,
  } = input;
  const equals = {
    ...(sourceAccount !== undefined && { "AWS:SourceAccount": sourceAccount }),
    ...(organization !== undefined && { "aws:PrincipalOrgID": organization }),
  };
  const condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(sourceArn !== undefined && { ArnLike: { "AWS:SourceArn": sourceArn } }),
  };
  return {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: toPrincipal(principal, account),
    Action: input.Action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function toPrincipal(principal: string, account: string): PolicyStatement["Principal"] {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (principal.startsWith("arn:")) return { AWS: principal };
  return principal.includes(".") ? { Service: principal } : { AWS: `arn:aws:iam::${account}:${principal}` };
}
