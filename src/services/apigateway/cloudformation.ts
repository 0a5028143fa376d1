import type { InputOf, ResourceContext, ResourceHandler } from "#kernel";
import { method } from "./cloudformation-method.ts";
import { allTags, gone, isTrue, known, only, type Tags } from "./cloudformation-properties.ts";

type Operations = NonNullable<InputOf<"apigateway", "UpdateRestApi">["patchOperations"]>;

interface RestApi {
  readonly Name?: string;
  readonly Description?: string;
  readonly BinaryMediaTypes?: readonly string[];
  readonly EndpointConfiguration?: { readonly Types?: readonly ("EDGE" | "REGIONAL" | "PRIVATE")[] };
  readonly DisableExecuteApiEndpoint?: boolean | string;
  readonly Tags?: Tags;
}

const restApi: ResourceHandler<RestApi> = {
  replaceOn: [],
  async create(properties, at) {
    const { id = "", rootResourceId = "" } = await at.call("apigateway", "CreateRestApi", {
      name: properties.Name ?? at.inventName(128),
      tags: allTags(at, properties.Tags),
      ...(properties.Description !== undefined && { description: properties.Description }),
      ...(properties.BinaryMediaTypes && { binaryMediaTypes: [...properties.BinaryMediaTypes] }),
      ...(properties.EndpointConfiguration?.Types && {
        endpointConfiguration: { types: [...properties.EndpointConfiguration.Types] },
      }),
      ...(properties.DisableExecuteApiEndpoint !== undefined && {
        disableExecuteApiEndpoint: isTrue(properties.DisableExecuteApiEndpoint),
      }),
    });
    return { physicalId: id, attributes: { RestApiId: id, RootResourceId: rootResourceId } };
  },
  async update(properties, previous, resource, at) {
    const kept = new Set(properties.BinaryMediaTypes);
    const patchOperations: Operations = [
      ...(properties.Name !== undefined ? [replace("/name", properties.Name)] : []),
      properties.Description === undefined
        ? { op: "remove", path: "/description" }
        : replace("/description", properties.Description),
      replace("/disableExecuteApiEndpoint", String(isTrue(properties.DisableExecuteApiEndpoint))),
      ...(previous.BinaryMediaTypes ?? [])
        .filter((type) => !kept.has(type))
        .map((type) => ({ op: "remove" as const, path: mediaPath(type) })),
      ...Array.from(kept, (type) => ({ op: "add" as const, path: mediaPath(type) })),
    ];
    await at.call("apigateway", "UpdateRestApi", { restApiId: resource.physicalId, patchOperations });
    await tag(`/restapis/${resource.physicalId}`, properties.Tags, at);
    return resource;
  },
  delete: (resource, _properties, at) =>
    gone(at.call("apigateway", "DeleteRestApi", { restApiId: resource.physicalId })),
};

interface Part {
  readonly RestApiId: string;
  readonly ParentId: string;
  readonly PathPart: string;
}

const part: ResourceHandler<Part> = {
  replaceOn: ["RestApiId", "ParentId", "PathPart"],
  async create({ RestApiId, ParentId, PathPart }, at) {
    const { id = "" } = await at.call("apigateway", "CreateResource", {
      restApiId: RestApiId,
      parentId: ParentId,
      pathPart: PathPart,
    });
    return { physicalId: id, attributes: { ResourceId: id } };
  },
  delete: (resource, { RestApiId }, at) =>
    gone(at.call("apigateway", "DeleteResource", { restApiId: RestApiId, resourceId: resource.physicalId })),
};

interface Deployment {
  readonly RestApiId: string;
  readonly Description?: string;
  readonly StageName?: string;
}

const deployment: ResourceHandler<Deployment> = {
  replaceOn: ["RestApiId", "StageName"],
  async create(properties, at) {
    const { id = "" } = await at.call("apigateway", "CreateDeployment", {
      restApiId: properties.RestApiId,
      ...(properties.Description !== undefined && { description: properties.Description }),
      ...(properties.StageName !== undefined && { stageName: properties.StageName }),
    });
    return { physicalId: id, attributes: { DeploymentId: id } };
  },
  async update(properties, _previous, resource, at) {
    const patchOperations = [replace("/description", properties.Description ?? "")];
    await at.call("apigateway", "UpdateDeployment", {
      restApiId: properties.RestApiId,
      deploymentId: resource.physicalId,
      patchOperations,
    });
    return resource;
  },
  async delete(resource, { RestApiId, StageName }, at) {
    // A stage that the deployment itself made goes with it, unless it has moved on.
    if (StageName !== undefined) {
      const stages = await known(
        at.call("apigateway", "GetStages", { restApiId: RestApiId, deploymentId: resource.physicalId }),
      );
      if (stages?.item?.some(({ stageName }) => stageName === StageName)) {
        await gone(at.call("apigateway", "DeleteStage", { restApiId: RestApiId, stageName: StageName }));
      }
    }
    await gone(at.call("apigateway", "DeleteDeployment", { restApiId: RestApiId, deploymentId: resource.physicalId }));
  },
};

interface Stage {
  readonly RestApiId: string;
  readonly StageName?: string;
  readonly DeploymentId?: string;
  readonly Description?: string;
  readonly Variables?: Readonly<Record<string, string>>;
  readonly Tags?: Tags;
}

const stage: ResourceHandler<Stage> = {
  replaceOn: ["RestApiId", "StageName"],
  async create(properties, at) {
    const stageName = properties.StageName ?? at.inventName(128).replace(/[^\w-]/g, "_");
    await at.call("apigateway", "CreateStage", {
      restApiId: properties.RestApiId,
      stageName,
      deploymentId: properties.DeploymentId ?? "",
      tags: allTags(at, properties.Tags),
      ...(properties.Description !== undefined && { description: properties.Description }),
      ...(properties.Variables && { variables: properties.Variables }),
    });
    return { physicalId: stageName, attributes: {} };
  },
  async update(properties, previous, resource, at) {
    const variables = properties.Variables ?? {};
    const patchOperations: Operations = [
      replace("/deploymentId", properties.DeploymentId ?? ""),
      replace("/description", properties.Description ?? ""),
      ...Object.keys(previous.Variables ?? {})
        .filter((name) => !(name in variables))
        .map((name) => ({ op: "remove" as const, path: `/variables/${name}` })),
      ...Object.entries(variables).map(([name, value]) => replace(`/variables/${name}`, value)),
    ];
    await at.call("apigateway", "UpdateStage", {
      restApiId: properties.RestApiId,
      stageName: resource.physicalId,
      patchOperations,
    });
    await tag(`/restapis/${properties.RestApiId}/stages/${resource.physicalId}`, properties.Tags, at);
    return resource;
  },
  delete: (resource, { RestApiId }, at) =>
    gone(at.call("apigateway", "DeleteStage", { restApiId: RestApiId, stageName: resource.physicalId })),
};

type ResponseType = InputOf<"apigateway", "PutGatewayResponse">["responseType"];

interface GatewayResponse {
  readonly RestApiId: string;
  readonly ResponseType: ResponseType;
  readonly StatusCode?: string | number;
  readonly ResponseParameters?: Readonly<Record<string, string>>;
  readonly ResponseTemplates?: Readonly<Record<string, string>>;
}

const gatewayResponse: ResourceHandler<GatewayResponse> = {
  replaceOn: ["RestApiId", "ResponseType"],
  create: putGatewayResponse,
  update: (properties, _previous, _resource, at) => putGatewayResponse(properties, at),
  delete: (_resource, { RestApiId, ResponseType }, at) =>
    gone(at.call("apigateway", "DeleteGatewayResponse", { restApiId: RestApiId, responseType: ResponseType })),
};

async function putGatewayResponse(properties: GatewayResponse, at: ResourceContext) {
  await at.call("apigateway", "PutGatewayResponse", {
    restApiId: properties.RestApiId,
    responseType: properties.ResponseType,
    ...(properties.StatusCode !== undefined && { statusCode: String(properties.StatusCode) }),
    ...(properties.ResponseParameters && { responseParameters: properties.ResponseParameters }),
    ...(properties.ResponseTemplates && { responseTemplates: properties.ResponseTemplates }),
  });
  const id = `agw-${properties.RestApiId}-${properties.ResponseType}`;
  return { physicalId: id, attributes: { Id: id } };
}

interface Account {
  readonly CloudWatchRoleArn?: string;
}

const account: ResourceHandler<Account> = {
  replaceOn: [],
  async create(properties, at) {
    await setRole(properties, at);
    const id = at.inventName(64);
    return { physicalId: id, attributes: { Id: id } };
  },
  async update(properties, _previous, resource, at) {
    await setRole(properties, at);
    return resource;
  },
  // AWS: the setting belongs to the account and stays when the stack goes. CloudFormation user guide.
  delete: async () => {},
};

async function setRole({ CloudWatchRoleArn: role }: Account, at: ResourceContext): Promise<void> {
  await at.call("apigateway", "UpdateAccount", { patchOperations: [replace("/cloudwatchRoleArn", role ?? "")] });
}

const STAGE = ["RestApiId", "StageName", "DeploymentId", "Description", "Variables", "Tags"] as const;
const REST_API = [
  "Name",
  "Description",
  "BinaryMediaTypes",
  "EndpointConfiguration",
  "DisableExecuteApiEndpoint",
  "Tags",
] as const;
const RESPONSE = ["RestApiId", "ResponseType", "StatusCode", "ResponseParameters", "ResponseTemplates"] as const;

export const resources = {
  "AWS::ApiGateway::RestApi": only("AWS::ApiGateway::RestApi", REST_API, restApi),
  "AWS::ApiGateway::Resource": only("AWS::ApiGateway::Resource", ["RestApiId", "ParentId", "PathPart"], part),
  "AWS::ApiGateway::Method": method,
  "AWS::ApiGateway::Deployment": only(
    "AWS::ApiGateway::Deployment",
    ["RestApiId", "Description", "StageName"],
    deployment,
  ),
  "AWS::ApiGateway::Stage": only("AWS::ApiGateway::Stage", STAGE, stage),
  "AWS::ApiGateway::GatewayResponse": only("AWS::ApiGateway::GatewayResponse", RESPONSE, gatewayResponse),
  "AWS::ApiGateway::Account": only("AWS::ApiGateway::Account", ["CloudWatchRoleArn"], account),
} satisfies Readonly<Record<`AWS::${string}`, ResourceHandler>>;

function replace(path: string, value: string) {
  return { op: "replace" as const, path, value };
}

function mediaPath(type: string): string {
  return `/binaryMediaTypes/${type.replaceAll("/", "~1")}`;
}

/** Tags that a new version of the stack took away stay until the resource goes. */
async function tag(path: string, tags: Tags | undefined, at: ResourceContext): Promise<void> {
  const all = allTags(at, tags);
  if (Object.keys(all).length === 0) return;
  await at.call("apigateway", "TagResource", { resourceArn: `arn:aws:apigateway:${at.region}::${path}`, tags: all });
}
