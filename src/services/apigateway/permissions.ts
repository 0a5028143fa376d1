import type { Permission, Permissions } from "#kernel";

type At = { readonly region: string };

const on = (verb: string, { region }: At, path: string): Permission => ({
  // AWS: the actions of API Gateway are the verbs of HTTP, its resources are their paths.
  action: `apigateway:${verb}`,
  resource: `arn:aws:apigateway:${region}::${path}`,
});

interface Of {
  readonly restApiId: string;
}

const under = (verb: string, tail: (input: never) => string) => (input: Of, at: At) =>
  on(verb, at, `/restapis/${input.restApiId}${tail(input as never)}`);

const resource = ({ resourceId }: { resourceId: string }) => `/resources/${resourceId}`;
const method = (input: { resourceId: string; httpMethod: string }) => `${resource(input)}/methods/${input.httpMethod}`;
const methodResponse = (input: { resourceId: string; httpMethod: string; statusCode: string }) =>
  `${method(input)}/responses/${input.statusCode}`;
const integration = (input: { resourceId: string; httpMethod: string }) => `${method(input)}/integration`;
const integrationResponse = (input: { resourceId: string; httpMethod: string; statusCode: string }) =>
  `${integration(input)}/responses/${input.statusCode}`;
const deployment = ({ deploymentId }: { deploymentId: string }) => `/deployments/${deploymentId}`;
const stage = ({ stageName }: { stageName: string }) => `/stages/${stageName}`;
const gatewayResponse = ({ responseType }: { responseType: string }) => `/gatewayresponses/${responseType}`;
const tag = (verb: string) => (input: { resourceArn: string }, at: At) =>
  on(verb, at, `/tags/${encodeURIComponent(input.resourceArn)}`);

export const permissions = {
  CreateRestApi: (_input, at) => on("POST", at, "/restapis"),
  GetRestApis: (_input, at) => on("GET", at, "/restapis"),
  GetRestApi: under("GET", () => ""),
  UpdateRestApi: under("PATCH", () => ""),
  DeleteRestApi: under("DELETE", () => ""),
  CreateResource: under("POST", ({ parentId }: { parentId: string }) => `/resources/${parentId}`),
  GetResources: under("GET", () => "/resources"),
  GetResource: under("GET", resource),
  UpdateResource: under("PATCH", resource),
  DeleteResource: under("DELETE", resource),
  PutMethod: under("PUT", method),
  GetMethod: under("GET", method),
  UpdateMethod: under("PATCH", method),
  DeleteMethod: under("DELETE", method),
  PutMethodResponse: under("PUT", methodResponse),
  GetMethodResponse: under("GET", methodResponse),
  DeleteMethodResponse: under("DELETE", methodResponse),
  PutIntegration: under("PUT", integration),
  GetIntegration: under("GET", integration),
  UpdateIntegration: under("PATCH", integration),
  DeleteIntegration: under("DELETE", integration),
  PutIntegrationResponse: under("PUT", integrationResponse),
  GetIntegrationResponse: under("GET", integrationResponse),
  UpdateIntegrationResponse: under("PATCH", integrationResponse),
  DeleteIntegrationResponse: under("DELETE", integrationResponse),
  CreateDeployment: under("POST", () => "/deployments"),
  GetDeployments: under("GET", () => "/deployments"),
  GetDeployment: under("GET", deployment),
  UpdateDeployment: under("PATCH", deployment),
  DeleteDeployment: under("DELETE", deployment),
  CreateStage: under("POST", () => "/stages"),
  GetStages: under("GET", () => "/stages"),
  GetStage: under("GET", stage),
  UpdateStage: under("PATCH", stage),
  DeleteStage: under("DELETE", stage),
  PutGatewayResponse: under("PUT", gatewayResponse),
  GetGatewayResponse: under("GET", gatewayResponse),
  GetGatewayResponses: under("GET", () => "/gatewayresponses"),
  UpdateGatewayResponse: under("PATCH", gatewayResponse),
  DeleteGatewayResponse: under("DELETE", gatewayResponse),
  GetAccount: (_input, at) => on("GET", at, "/account"),
  UpdateAccount: (_input, at) => on("PATCH", at, "/account"),
  TagResource: tag("PUT"),
  UntagResource: tag("DELETE"),
  GetTags: tag("GET"),
} satisfies Permissions<"apigateway">;
