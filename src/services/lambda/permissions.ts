import type { Permission, Permissions } from "#kernel";
import { functionArn, parseFunctionName } from "./function-name.ts";

type At = { account: string; region: string };

function on(action: string) {
  return (input: { FunctionName: string; Qualifier?: string | undefined }, at: At): Permission => {
    const { name, qualifier } = parseFunctionName(input.FunctionName);
    const asked = input.Qualifier ?? qualifier;
    return { action: `lambda:${action}`, resource: functionArn(asked === undefined ? name : `${name}:${asked}`, at) };
  };
}

function onArn(action: string) {
  return (input: { Resource: string }): Permission => ({ action: `lambda:${action}`, resource: input.Resource });
}

export const permissions: Permissions<"lambda"> = {
  CreateFunction: on("CreateFunction"),
  GetFunction: on("GetFunction"),
  GetFunctionConfiguration: on("GetFunctionConfiguration"),
  UpdateFunctionCode: on("UpdateFunctionCode"),
  UpdateFunctionConfiguration: on("UpdateFunctionConfiguration"),
  DeleteFunction: on("DeleteFunction"),
  ListVersionsByFunction: on("ListVersionsByFunction"),
  // AWS: the action's name is not the operation's.
  Invoke: on("InvokeFunction"),
  AddPermission: on("AddPermission"),
  RemovePermission: on("RemovePermission"),
  GetPolicy: on("GetPolicy"),
  PutFunctionConcurrency: on("PutFunctionConcurrency"),
  GetFunctionConcurrency: on("GetFunctionConcurrency"),
  DeleteFunctionConcurrency: on("DeleteFunctionConcurrency"),
  PutFunctionEventInvokeConfig: on("PutFunctionEventInvokeConfig"),
  UpdateFunctionEventInvokeConfig: on("UpdateFunctionEventInvokeConfig"),
  GetFunctionEventInvokeConfig: on("GetFunctionEventInvokeConfig"),
  DeleteFunctionEventInvokeConfig: on("DeleteFunctionEventInvokeConfig"),
  TagResource: onArn("TagResource"),
  UntagResource: onArn("UntagResource"),
  ListTags: onArn("ListTags"),
};
