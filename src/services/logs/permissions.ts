import { formatArn } from "#core";
import type { Permission, Permissions } from "#kernel";

type At = { account: string; region: string };
type Group = { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined };

/** AWS: the ARN that a denial names ends with `:log-stream:` and the stream, if there is one; policies on `log-group:name:*` match. */
function on(action: string) {
  return (input: Group & { logStreamName?: string | undefined }, at: At): Permission => {
    const identifier = input.logGroupName ?? input.logGroupIdentifier ?? "";
    const name = identifier.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, "").replace(/:\*$/, "");
    return permission(action, `log-group:${name}:log-stream:${input.logStreamName ?? ""}`, at);
  };
}

function onArn(action: string) {
  return (input: { resourceArn: string }): Permission => ({ action: `logs:${action}`, resource: input.resourceArn });
}

function permission(action: string, resource: string, at: At): Permission {
  return {
    action: `logs:${action}`,
    resource: formatArn({ service: "logs", region: at.region, account: at.account, resource }),
  };
}

export const permissions: Permissions<"logs"> = {
  CreateLogGroup: on("CreateLogGroup"),
  DeleteLogGroup: on("DeleteLogGroup"),
  DescribeLogGroups: (_input, at) => permission("DescribeLogGroups", "log-group::log-stream:", at),
  CreateLogStream: on("CreateLogStream"),
  DescribeLogStreams: on("DescribeLogStreams"),
  DeleteLogStream: on("DeleteLogStream"),
  PutLogEvents: on("PutLogEvents"),
  GetLogEvents: on("GetLogEvents"),
  FilterLogEvents: on("FilterLogEvents"),
  PutRetentionPolicy: on("PutRetentionPolicy"),
  DeleteRetentionPolicy: on("DeleteRetentionPolicy"),
  TagLogGroup: on("TagLogGroup"),
  UntagLogGroup: on("UntagLogGroup"),
  ListTagsLogGroup: on("ListTagsLogGroup"),
  TagResource: onArn("TagResource"),
  UntagResource: onArn("UntagResource"),
  ListTagsForResource: onArn("ListTagsForResource"),
};
