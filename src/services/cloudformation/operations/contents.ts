import { type Handlers, tableKey } from "#kernel";
import { templateText } from "../engine/goal.ts";
import type { StackContext } from "../engine/work.ts";
import { stackNotFound, validationError } from "../faults.ts";
import { findStack, type ResourceRow, resourcesOf, type StackRow, type tables } from "../state.ts";
import { requireReferences } from "../template/order.ts";
import { parseTemplate } from "../template/parse.ts";
import { toEvent, toResource } from "../views.ts";
import { isReplaced } from "../engine/resources.ts";

const EVENTS_A_PAGE = 100;

/** What a stack holds and what happened to it. */
export const contents = {
  DescribeStackEvents(input, ctx) {
    const stack = requireAny(ctx, input.StackName ?? "");
    // Newest first; the token is the key of the last event given.
    const all = ctx.tables.events.list({ prefix: tableKey(stack.id, ""), order: "descending" });
    const from = input.NextToken === undefined ? 0 : all.findIndex(({ key }) => tokenOf(key) === input.NextToken) + 1;
    const page = all.slice(from, from + EVENTS_A_PAGE);
    const last = page.at(-1);
    return {
      StackEvents: page.map(({ row }) => toEvent(row)),
      ...(last && from + page.length < all.length && { NextToken: tokenOf(last.key) }),
    };
  },

  ListStackResources(input, ctx) {
    const stack = requireAny(ctx, input.StackName);
    return { StackResourceSummaries: visible(ctx, stack).map(toResource) };
  },

  DescribeStackResources(input, ctx) {
    const stack = requireAny(ctx, input.StackName ?? "");
    const wanted = visible(ctx, stack).filter(
      (row) => input.LogicalResourceId === undefined || row.logicalId === input.LogicalResourceId,
    );
    return { StackResources: wanted.map((row) => toStackResource(stack, row)) };
  },

  DescribeStackResource(input, ctx) {
    const stack = requireAny(ctx, input.StackName);
    const row = visible(ctx, stack).find(({ logicalId }) => logicalId === input.LogicalResourceId);
    if (!row) {
      throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
    }
    const { LastUpdatedTimestamp, ...rest } = toResource(row);
    return {
      StackResourceDetail: { StackName: stack.name, StackId: stack.id, ...rest, LastUpdatedTimestamp },
    };
  },

  GetTemplate(input, ctx) {
    const stack = requireAny(ctx, input.StackName ?? "");
    return { TemplateBody: stack.template, StagesAvailable: ["Original", "Processed"] };
  },

  async ValidateTemplate(input, ctx) {
    const template = parseTemplate(await templateText(ctx, input));
    requireReferences(template);
    return { ...summaryOf(template) };
  },

  async GetTemplateSummary(input, ctx) {
    const stack = input.StackName === undefined ? undefined : requireAny(ctx, input.StackName);
    const template = parseTemplate(stack ? stack.template : await templateText(ctx, input));
    const types = new Set(Object.values(template.resources).map(({ Type }) => Type));
    return { ...summaryOf(template), ResourceTypes: [...types] };
  },

  ListExports(_input, ctx) {
    const living = ctx.tables.stacks.list().filter(({ row }) => row.deleted === undefined);
    return {
      Exports: living.flatMap(({ row }) =>
        row.outputs.flatMap(({ exportName, value }) =>
          exportName === undefined ? [] : [{ ExportingStackId: row.id, Name: exportName, Value: value }],
        ),
      ),
    };
  },
} satisfies Handlers<"cloudformation", typeof tables>;

function requireAny(ctx: StackContext, name: string): StackRow {
  const stack = findStack(ctx.tables, name);
  if (!stack) throw stackNotFound(name);
  return stack;
}

function visible(ctx: StackContext, stack: StackRow): ResourceRow[] {
  return resourcesOf(ctx.tables, stack.id).filter((row) => !isReplaced(row));
}

function toStackResource(stack: StackRow, row: ResourceRow) {
  const { LastUpdatedTimestamp, ...rest } = toResource(row);
  return { StackName: stack.name, StackId: stack.id, ...rest, Timestamp: LastUpdatedTimestamp };
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function summaryOf(template: ReturnType<typeof parseTemplate>) {
  const hasRoles = Object.values(template.resources).some(({ Type }) => Type.startsWith("AWS::IAM::"));
  return {
    ...(template.description !== undefined && { Description: template.description }),
    Parameters: Object.entries(template.parameters).map(([ParameterKey, { Default, NoEcho, Description, Type }]) => ({
      ParameterKey,
      ParameterType: Type,
      NoEcho: String(NoEcho) === "true",
      ...(Default !== undefined && { DefaultValue: String(Default) }),
      ...(Description !== undefined && { Description }),
    })),
    ...(hasRoles && {
      Capabilities: ["CAPABILITY_NAMED_IAM" as const],
      CapabilitiesReason: "The following resource(s) require capabilities: [AWS::IAM::Role]",
    }),
  };
}
