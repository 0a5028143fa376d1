import type { InputOf, Resource, ResourceContext, ResourceHandler } from "#kernel";
import { notImplemented } from "./faults.ts";

type Target = InputOf<"events", "PutTargets">["Targets"][number];

/** AWS::Events::Rule as a template writes it. */
interface RuleProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly EventBusName?: string;
  readonly EventPattern?: unknown;
  readonly RoleArn?: string;
  readonly ScheduleExpression?: string;
  readonly State?: "ENABLED" | "DISABLED";
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly Targets?: readonly Target[];
}

const rule: ResourceHandler<RuleProperties> = {
  replaceOn: ["Name", "EventBusName"],

  async create(properties, at) {
    return put(properties.Name ?? at.inventName(64), properties, at);
  },

  async update(properties, previous, resource, at) {
    const kept = new Set((properties.Targets ?? []).map(({ Id }) => Id));
    const gone = (previous.Targets ?? []).map(({ Id }) => Id).filter((id) => !kept.has(id));
    // First what goes: a rule has no room for the old targets beside the new.
    if (gone.length > 0) await at.call("events", "RemoveTargets", { Rule: resource.physicalId, Ids: gone });
    const updated = await put(resource.physicalId, properties, at);
    const Tags = toTags(properties, at);
    if (Tags.length > 0) await at.call("events", "TagResource", { ResourceARN: updated.attributes["Arn"] ?? "", Tags });
    return updated;
  },

  async delete(resource, _properties, at) {
    const Rule = resource.physicalId;
    const { Rules } = await at.call("events", "ListRules", { NamePrefix: Rule });
    if (!Rules?.some(({ Name }) => Name === Rule)) return;
    const { Targets } = await at.call("events", "ListTargetsByRule", { Rule });
    const Ids = (Targets ?? []).flatMap(({ Id }) => Id ?? []);
    if (Ids.length > 0) await at.call("events", "RemoveTargets", { Rule, Ids });
    await at.call("events", "DeleteRule", { Name: Rule });
  },
};

export const resources: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {
  "AWS::Events::Rule": rule as unknown as ResourceHandler,
};

const PROPERTIES = [
  "Name",
  "Description",
  "EventBusName",
  "EventPattern",
  "RoleArn",
  "ScheduleExpression",
  "State",
  "Tags",
  "Targets",
];

async function put(name: string, properties: RuleProperties, at: ResourceContext): Promise<Resource> {
  const { EventPattern: pattern } = properties;
  const other = Object.keys(properties).find((member) => !PROPERTIES.includes(member));
  if (other !== undefined) throw notImplemented(`the property ${other} of AWS::Events::Rule`);
  const { RuleArn: arn } = await at.call("events", "PutRule", {
    Name: name,
    Tags: toTags(properties, at),
    ...(properties.EventBusName !== undefined && { EventBusName: properties.EventBusName }),
    ...(pattern !== undefined && { EventPattern: typeof pattern === "string" ? pattern : JSON.stringify(pattern) }),
    ...(properties.ScheduleExpression !== undefined && { ScheduleExpression: properties.ScheduleExpression }),
    ...(properties.Description !== undefined && { Description: properties.Description }),
    ...(properties.RoleArn !== undefined && { RoleArn: properties.RoleArn }),
    State: properties.State ?? "ENABLED",
  });
  if (properties.Targets?.length)
    await at.call("events", "PutTargets", { Rule: name, Targets: properties.Targets.map(toTarget) });
  return { physicalId: name, attributes: { Arn: arn ?? "" } };
}

/** A template may write numbers as text. */
function toTarget(target: Target): Target {
  const retry = target.RetryPolicy;
  if (!retry) return target;
  return {
    ...target,
    RetryPolicy: {
      ...(retry.MaximumRetryAttempts !== undefined && { MaximumRetryAttempts: Number(retry.MaximumRetryAttempts) }),
      ...(retry.MaximumEventAgeInSeconds !== undefined && {
        MaximumEventAgeInSeconds: Number(retry.MaximumEventAgeInSeconds),
      }),
    },
  };
}

function toTags(properties: RuleProperties, at: ResourceContext) {
  const tags = { ...at.tags, ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
