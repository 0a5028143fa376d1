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

interface Tagged {
  readonly Tags?: readonly unknown[] | undefined;
}

/** AWS: whoever tags what they make must be allowed to tag it. */
const tagging = (input: Tagged, kind: string, name: string, at: At) =>
  input.Tags?.length ? [on("AddTags", kind, name, at)] : [];

const model =
  (action: string) =>
  (input: Tagged & { readonly ModelName: string }, at: At): readonly Permission[] => [
    on(action, "model", input.ModelName, at),
    ...tagging(input, "model", input.ModelName, at),
  ];

const config =
  (action: string) =>
  (input: Tagged & { readonly EndpointConfigName: string }, at: At): readonly Permission[] => [
    on(action, "endpoint-config", input.EndpointConfigName, at),
    ...tagging(input, "endpoint-config", input.EndpointConfigName, at),
  ];

const endpoint =
  (action: string) =>
  (input: Tagged & { readonly EndpointName: string }, at: At): readonly Permission[] => [
    on(action, "endpoint", input.EndpointName, at),
    ...tagging(input, "endpoint", input.EndpointName, at),
  ];

/** AWS: making and updating an endpoint is asked on the endpoint and on its configuration. */
const both =
  (action: string) =>
  (
    input: Tagged & { readonly EndpointName: string; readonly EndpointConfigName: string },
    at: At,
  ): readonly Permission[] => [
    ...endpoint(action)(input, at),
    on(action, "endpoint-config", input.EndpointConfigName, at),
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
