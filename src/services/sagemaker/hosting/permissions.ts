import type { Permission, Permissions } from "#kernel";
import { sagemakerArn } from "../arns.ts";

interface At {
  readonly account: string;
  readonly region: string;
}

const on = (action: string, kind: string, name: string, at: At): Permission => ({
  action: `sagemaker:${action}`,
  resource: sagemakerArn(at, kind, name),
});

const model = (action: string) => (input: { readonly ModelName: string }, at: At) =>
  on(action, "model", input.ModelName, at);
const config = (action: string) => (input: { readonly EndpointConfigName: string }, at: At) =>
  on(action, "endpoint-config", input.EndpointConfigName, at);
const endpoint = (action: string) => (input: { readonly EndpointName: string }, at: At) =>
  on(action, "endpoint", input.EndpointName, at);
/** AWS: making and updating an endpoint is asked on the endpoint and on its configuration. */
const both =
  (action: string) => (input: { readonly EndpointName: string; readonly EndpointConfigName: string }, at: At) => [
    endpoint(action)(input, at),
    config(action)(input, at),
  ];

export const hostingPermissions: Permissions<"sagemaker"> = {
  CreateModel: model("CreateModel"),
  DescribeModel: model("DescribeModel"),
  DeleteModel: model("DeleteModel"),
  CreateEndpointConfig: config("CreateEndpointConfig"),
  DescribeEndpointConfig: config("DescribeEndpointConfig"),
  DeleteEndpointConfig: config("DeleteEndpointConfig"),
  CreateEndpoint: both("CreateEndpoint"),
  UpdateEndpoint: both("UpdateEndpoint"),
  UpdateEndpointWeightsAndCapacities: endpoint("UpdateEndpointWeightsAndCapacities"),
  DescribeEndpoint: endpoint("DescribeEndpoint"),
  DeleteEndpoint: endpoint("DeleteEndpoint"),
};
