import type { Change, Stack, StackEvent, StackResourceSummary } from "@aws-sdk/client-cloudformation";
import type { ChangeRow, EventRow, ResourceRow, StackRow } from "./state.ts";
import { parseTemplate } from "./template/parse.ts";

export function toStack(row: StackRow): Stack {
  const declared = Object.entries(parseTemplate(row.template).parameters);
  return {
    StackId: row.id,
    StackName: row.name,
    ...(row.changeSetId !== undefined && { ChangeSetId: row.changeSetId }),
    ...(row.description !== undefined && { Description: row.description }),
    Parameters: declared.map(([name, { Default, NoEcho }]) => ({
      ParameterKey: name,
      ParameterValue: String(NoEcho) === "true" ? "****" : (row.parameters[name] ?? String(Default)),
    })),
    CreationTime: new Date(row.created),
    ...(row.updated !== undefined && { LastUpdatedTime: new Date(row.updated) }),
    ...(row.deleted !== undefined && { DeletionTime: new Date(row.deleted) }),
    StackStatus: row.status as Stack["StackStatus"] & string,
    ...(row.statusReason !== undefined && { StackStatusReason: row.statusReason }),
    DisableRollback: row.disableRollback,
    NotificationARNs: [],
    Capabilities: [...row.capabilities] as NonNullable<Stack["Capabilities"]>,
    Outputs: row.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      ...(description !== undefined && { Description: description }),
      ...(exportName !== undefined && { ExportName: exportName }),
    })),
    ...(row.roleArn !== undefined && { RoleARN: row.roleArn }),
    Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })),
    EnableTerminationProtection: row.terminationProtection,
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

export function toEvent(row: EventRow): StackEvent {
  return {
    StackId: row.stackId,
    EventId: row.id,
    StackName: row.stackName,
    LogicalResourceId: row.logicalId,
    PhysicalResourceId: row.physicalId,
    ResourceType: row.type,
    Timestamp: new Date(row.at),
    ResourceStatus: row.status as NonNullable<StackEvent["ResourceStatus"]>,
    ...(row.reason !== undefined && { ResourceStatusReason: row.reason }),
    ...(row.properties !== undefined && { ResourceProperties: row.properties }),
    ...(row.token !== undefined && { ClientRequestToken: row.token }),
  };
}

export function toResource(row: ResourceRow): StackResourceSummary {
  return {
    LogicalResourceId: row.logicalId,
    PhysicalResourceId: row.physicalId,
    ResourceType: row.type,
    LastUpdatedTimestamp: new Date(row.updated),
    ResourceStatus: row.status as NonNullable<StackResourceSummary["ResourceStatus"]>,
    ...(row.statusReason !== undefined && { ResourceStatusReason: row.statusReason }),
    DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
  };
}

export function toChange(row: ChangeRow): Change {
  return {
    Type: "Resource",
    ResourceChange: {
      Action: row.action,
      LogicalResourceId: row.logicalId,
      ...(row.physicalId !== undefined && { PhysicalResourceId: row.physicalId }),
      ResourceType: row.type,
      ...(row.replacement !== undefined && { Replacement: row.replacement }),
      Scope: row.properties.length > 0 ? ["Properties"] : [],
      Details: row.properties.map((Name) => ({
        Target: {
          Attribute: "Properties" as const,
          Name,
          RequiresRecreation: row.replacement === "True" ? ("Always" as const) : ("Never" as const),
        },
        Evaluation: "Static" as const,
        ChangeSource: "DirectModification" as const,
      })),
    },
  };
}
