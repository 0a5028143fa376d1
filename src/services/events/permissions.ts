import type { Permissions } from "#kernel";
import { busArn } from "./operations/buses.ts";
import { ruleArn } from "./operations/rules.ts";

type Place = { readonly account: string; readonly region: string };

const onRule = (action: string) => (input: { Name: string }, at: Place) => ({
  action: `events:${action}`,
  resource: ruleArn(at, input.Name),
});
const onTargets = (action: string) => (input: { Rule: string }, at: Place) => ({
  action: `events:${action}`,
  resource: ruleArn(at, input.Rule),
});
const onTags = (action: string) => (input: { ResourceARN: string }) => ({
  action: `events:${action}`,
  resource: input.ResourceARN,
});

export const permissions = {
  PutRule: onRule("PutRule"),
  DescribeRule: onRule("DescribeRule"),
  EnableRule: onRule("EnableRule"),
  DisableRule: onRule("DisableRule"),
  DeleteRule: onRule("DeleteRule"),
  PutTargets: onTargets("PutTargets"),
  RemoveTargets: onTargets("RemoveTargets"),
  ListTargetsByRule: onTargets("ListTargetsByRule"),
  TagResource: onTags("TagResource"),
  UntagResource: onTags("UntagResource"),
  ListTagsForResource: onTags("ListTagsForResource"),
  DescribeEventBus: (_input, at) => ({ action: "events:DescribeEventBus", resource: busArn(at) }),
  PutEvents: (input, at) => ({
    action: "events:PutEvents",
    resource: busArn(at),
    conditions: {
      "events:source": input.Entries.map(({ Source }) => Source ?? ""),
      "events:detail-type": input.Entries.map(({ DetailType }) => DetailType ?? ""),
    },
  }),
} satisfies Permissions<"events">;
