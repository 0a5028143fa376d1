import type { Permission, Permissions } from "#kernel";
import { alarmArn } from "./require-alarm.ts";

type At = { readonly account: string; readonly region: string };

const onAlarm = (action: string) => (input: { AlarmName: string }, at: At) => ({
  action: `cloudwatch:${action}`,
  resource: alarmArn(at, input.AlarmName),
});
const onAlarms = (action: string) => (input: { AlarmNames: string[] }, at: At) =>
  input.AlarmNames.map((name) => ({ action: `cloudwatch:${action}`, resource: alarmArn(at, name) }));
const onArn = (action: string) => (input: { ResourceARN: string }) => ({
  action: `cloudwatch:${action}`,
  resource: input.ResourceARN,
});

/** AWS: "Actions, resources, and condition keys for Amazon CloudWatch". Metrics have no ARN; those who put them are told apart by namespace. */
export const permissions: Permissions<"cloudwatch"> = {
  PutMetricData: (input) => ({
    action: "cloudwatch:PutMetricData",
    resource: "*",
    conditions: { "cloudwatch:namespace": input.Namespace },
  }),
  PutMetricAlarm: (input, at): readonly Permission[] => [
    onAlarm("PutMetricAlarm")(input, at),
    ...(input.Tags?.length ? [onAlarm("TagResource")(input, at)] : []),
  ],
  DescribeAlarms: (_input, at) => ({ action: "cloudwatch:DescribeAlarms", resource: alarmArn(at, "*") }),
  DescribeAlarmHistory: (input, at) => onAlarm("DescribeAlarmHistory")({ AlarmName: input.AlarmName ?? "*" }, at),
  DeleteAlarms: onAlarms("DeleteAlarms"),
  EnableAlarmActions: onAlarms("EnableAlarmActions"),
  DisableAlarmActions: onAlarms("DisableAlarmActions"),
  SetAlarmState: onAlarm("SetAlarmState"),
  TagResource: onArn("TagResource"),
  UntagResource: onArn("UntagResource"),
  ListTagsForResource: onArn("ListTagsForResource"),
};
