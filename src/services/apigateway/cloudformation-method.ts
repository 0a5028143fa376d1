import type { InputOf, ResourceContext, ResourceHandler } from "#kernel";
import { assertOnly, gone, isTrue, only } from "./cloudformation-properties.ts";

type Strings = Readonly<Record<string, string>>;

/** AWS::ApiGateway::Method: the method with its responses and its integration, in one. */
interface MethodProperties {
  readonly RestApiId: string;
  readonly ResourceId: string;
  readonly HttpMethod: string;
  readonly AuthorizationType?: string;
  readonly AuthorizerId?: string;
  readonly ApiKeyRequired?: boolean | string;
  readonly OperationName?: string;
  readonly RequestParameters?: Readonly<Record<string, boolean | string>>;
  readonly RequestModels?: Strings;
  readonly RequestValidatorId?: string;
  readonly MethodResponses?: readonly {
    readonly StatusCode: string | number;
    readonly ResponseParameters?: Readonly<Record<string, boolean | string>>;
    readonly ResponseModels?: Strings;
  }[];
  readonly Integration?: IntegrationProperties;
}

interface IntegrationProperties {
  readonly Type: InputOf<"apigateway", "PutIntegration">["type"];
  readonly IntegrationHttpMethod?: string;
  readonly Uri?: string;
  readonly Credentials?: string;
  readonly ConnectionType?: "INTERNET" | "VPC_LINK";
  readonly ContentHandling?: "CONVERT_TO_BINARY" | "CONVERT_TO_TEXT";
  readonly PassthroughBehavior?: string;
  readonly RequestParameters?: Strings;
  readonly RequestTemplates?: Strings;
  readonly TimeoutInMillis?: number | string;
  readonly CacheNamespace?: string;
  readonly IntegrationResponses?: readonly {
    readonly StatusCode: string | number;
    readonly SelectionPattern?: string;
    readonly ResponseParameters?: Strings;
    readonly ResponseTemplates?: Strings;
  }[];
}

const handler: ResourceHandler<MethodProperties> = {
  replaceOn: ["RestApiId", "ResourceId", "HttpMethod"],
  async create(properties, at) {
    await put(properties, at);
    const { RestApiId, ResourceId, HttpMethod } = properties;
    return { physicalId: `${RestApiId}-${ResourceId}-${HttpMethod}`, attributes: {} };
  },
  async update(properties, _previous, resource, at) {
    await remove(properties, at);
    await put(properties, at);
    return resource;
  },
  delete: (_resource, properties, at) => remove(properties, at),
};

const METHOD = [
  "RestApiId",
  "ResourceId",
  "HttpMethod",
  "AuthorizationType",
  "AuthorizerId",
  "ApiKeyRequired",
  "OperationName",
  "RequestParameters",
  "RequestModels",
  "RequestValidatorId",
  "MethodResponses",
  "Integration",
] as const;

const INTEGRATION: readonly (keyof IntegrationProperties)[] = [
  "Type",
  "IntegrationHttpMethod",
  "Uri",
  "Credentials",
  "ConnectionType",
  "ContentHandling",
  "PassthroughBehavior",
  "RequestParameters",
  "RequestTemplates",
  "TimeoutInMillis",
  "CacheNamespace",
  "IntegrationResponses",
];

export const method = only("AWS::ApiGateway::Method", METHOD, handler);

async function put(properties: MethodProperties, at: ResourceContext): Promise<void> {
  const place = placeOf(properties);
  await at.call("apigateway", "PutMethod", {
    ...place,
    authorizationType: properties.AuthorizationType ?? "NONE",
    apiKeyRequired: isTrue(properties.ApiKeyRequired),
    ...defined({
      authorizerId: properties.AuthorizerId,
      operationName: properties.OperationName,
      requestModels: properties.RequestModels,
      requestValidatorId: properties.RequestValidatorId,
      requestParameters: booleans(properties.RequestParameters),
    }),
  });
  for (const response of properties.MethodResponses ?? []) {
    await at.call("apigateway", "PutMethodResponse", {
      ...place,
      statusCode: String(response.StatusCode),
      ...defined({
        responseParameters: booleans(response.ResponseParameters),
        responseModels: response.ResponseModels,
      }),
    });
  }
  if (properties.Integration) await putIntegration(place, properties.Integration, at);
}

type Place = ReturnType<typeof placeOf>;

async function putIntegration(place: Place, integration: IntegrationProperties, at: ResourceContext): Promise<void> {
  assertOnly("the Integration of AWS::ApiGateway::Method", integration, INTEGRATION);
  await at.call("apigateway", "PutIntegration", {
    ...place,
    type: integration.Type,
    ...defined({
      integrationHttpMethod: integration.IntegrationHttpMethod,
      uri: integration.Uri,
      credentials: integration.Credentials,
      connectionType: integration.ConnectionType,
      contentHandling: integration.ContentHandling,
      passthroughBehavior: integration.PassthroughBehavior,
      requestParameters: integration.RequestParameters,
      requestTemplates: integration.RequestTemplates,
      timeoutInMillis: integration.TimeoutInMillis === undefined ? undefined : Number(integration.TimeoutInMillis),
      cacheNamespace: integration.CacheNamespace,
    }),
  });
  for (const response of integration.IntegrationResponses ?? []) {
    await at.call("apigateway", "PutIntegrationResponse", {
      ...place,
      statusCode: String(response.StatusCode),
      ...defined({
        selectionPattern: response.SelectionPattern,
        responseParameters: response.ResponseParameters,
        responseTemplates: response.ResponseTemplates,
      }),
    });
  }
}

function remove(properties: MethodProperties, at: ResourceContext): Promise<void> {
  return gone(at.call("apigateway", "DeleteMethod", placeOf(properties)));
}

function placeOf({ RestApiId, ResourceId, HttpMethod }: MethodProperties) {
  return { restApiId: RestApiId, resourceId: ResourceId, httpMethod: HttpMethod };
}

function booleans(values: Readonly<Record<string, boolean | string>> | undefined): Record<string, boolean> | undefined {
  return values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isTrue(value)]));
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
