import type { InputOf, Resource, ResourceContext, ResourceHandler } from "#kernel";
import { AwsFault } from "#protocol";
import { notBuilt } from "./faults.ts";

type Input = InputOf<"cloudwatch", "PutMetricAlarm">;
type Query = NonNullable<Input["Metrics"]>[number];

/** AWS::CloudWatch::Alarm as a template writes it: numbers and booleans may be text. */
type AlarmProperties = Omit<Input, "AlarmName"> & { readonly AlarmName?: string };

const alarm: ResourceHandler<AlarmProperties> = {
  replaceOn: ["AlarmName"],

  create(properties, at) {
    return put(properties.AlarmName ?? at.inventName(255), properties, at);
  },

  async update(properties, _previous, resource, at) {
    const updated = await put(resource.physicalId, properties, at);
    // AWS: PutMetricAlarm passes over the tags of an alarm that is there already.
    const ResourceARN = updated.attributes["Arn"] ?? "";
    const wanted = tagsOf(properties, at);
    const { Tags = [] } = await at.call("cloudwatch", "ListTagsForResource", { ResourceARN });
    const TagKeys = Tags.flatMap(({ Key }) =>
      Key !== undefined && !wanted.some((tag) => tag.Key === Key) ? [Key] : [],
    );
    if (TagKeys.length > 0) await at.call("cloudwatch", "UntagResource", { ResourceARN, TagKeys });
    if (wanted.length > 0) await at.call("cloudwatch", "TagResource", { ResourceARN, Tags: wanted });
    return updated;
  },

  async delete({ physicalId }, _properties, at) {
    try {
      await at.call("cloudwatch", "DeleteAlarms", { AlarmNames: [physicalId] });
    } catch (error) {
      if (!(error instanceof AwsFault) || error.code !== "ResourceNotFound") throw error;
    }
  },
};

export const resources: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {
  "AWS::CloudWatch::Alarm": alarm as unknown as ResourceHandler,
};

const NUMBERS = ["Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"] as const;
const TEXTS = [
  "AlarmDescription",
  "AlarmActions",
  "OKActions",
  "InsufficientDataActions",
  "MetricName",
  "Namespace",
  "Statistic",
  "ExtendedStatistic",
  "Dimensions",
  "Unit",
  "ComparisonOperator",
  "TreatMissingData",
  "EvaluateLowSampleCountPercentile",
  "ThresholdMetricId",
] as const;

async function put(name: string, properties: AlarmProperties, at: ResourceContext): Promise<Resource> {
  const known: readonly string[] = [...NUMBERS, ...TEXTS, "AlarmName", "ActionsEnabled", "Metrics", "Tags"];
  const other = Object.keys(properties).find((member) => !known.includes(member));
  if (other !== undefined) throw notBuilt(`the property ${other} of AWS::CloudWatch::Alarm`);
  const given = properties as Readonly<Record<string, unknown>>;
  const pick = (names: readonly string[], convert: (value: unknown) => unknown) =>
    Object.fromEntries(names.flatMap((key) => (given[key] === undefined ? [] : [[key, convert(given[key])]])));
  const Tags = tagsOf(properties, at);
  await at.call("cloudwatch", "PutMetricAlarm", {
    AlarmName: name,
    ...pick(TEXTS, (value) => value),
    ...pick(NUMBERS, Number),
    ...pick(["ActionsEnabled"], isTrue),
    ...(properties.Metrics && { Metrics: properties.Metrics.map(toQuery) }),
    ...(Tags.length > 0 && { Tags }),
  });
  const arn = `arn:aws:cloudwatch:${at.region}:${at.account}:alarm:${name}`;
  return { physicalId: name, attributes: { Arn: arn } };
}

function toQuery(query: Query): Query {
  const { MetricStat: stat, ReturnData, Period, ...rest } = query;
  return {
    ...rest,
    ...(stat && { MetricStat: { ...stat, Period: Number(stat.Period) } }),
    ...(Period !== undefined && { Period: Number(Period) }),
    ...(ReturnData !== undefined && { ReturnData: isTrue(ReturnData) }),
  };
}

function isTrue(value: unknown): boolean {
  return String(value) === "true";
}

function tagsOf({ Tags = [] }: AlarmProperties, at: ResourceContext): { Key: string; Value: string }[] {
  const all = { ...at.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value: String(Value) }));
}
