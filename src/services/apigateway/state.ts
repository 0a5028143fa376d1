import { table } from "#kernel";

export type Strings = Readonly<Record<string, string>>;
type Booleans = Readonly<Record<string, boolean>>;

/** A REST API, keyed by its id. */
export interface ApiRow {
  readonly id: string;
  readonly name: string;
  readonly rootResourceId: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly description?: string;
  readonly version?: string;
  readonly binaryMediaTypes: readonly string[];
  readonly endpointTypes: readonly ("EDGE" | "REGIONAL" | "PRIVATE")[];
  readonly ipAddressType: "ipv4" | "dualstack";
  readonly disableExecuteApiEndpoint: boolean;
  readonly tags: Strings;
}

/** A node of an API's tree, keyed by API and id; the root has no parent. */
export interface ResourceRow {
  readonly id: string;
  readonly parentId?: string;
  readonly pathPart?: string;
  readonly methods: Readonly<Record<string, MethodRow>>;
}

export interface MethodRow {
  readonly httpMethod: string;
  readonly operationName?: string;
  readonly requestParameters?: Booleans;
  readonly requestModels?: Strings;
  readonly responses: Readonly<Record<string, MethodResponseRow>>;
  readonly integration?: IntegrationRow;
}

export interface MethodResponseRow {
  readonly responseParameters?: Booleans;
  readonly responseModels?: Strings;
}

export interface IntegrationRow {
  readonly type: "AWS_PROXY" | "AWS" | "MOCK";
  readonly httpMethod?: string;
  readonly uri?: string;
  readonly credentials?: string;
  readonly requestParameters?: Strings;
  readonly requestTemplates?: Strings;
  readonly passthroughBehavior: "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER";
  readonly timeoutInMillis: number;
  readonly cacheNamespace: string;
  readonly responses: Readonly<Record<string, IntegrationResponseRow>>;
}

export interface IntegrationResponseRow {
  readonly selectionPattern?: string;
  readonly responseParameters?: Strings;
  readonly responseTemplates?: Strings;
}

/** A customised gateway response, keyed by API and type. */
export interface GatewayResponseRow {
  readonly statusCode?: string;
  readonly responseParameters?: Strings;
  readonly responseTemplates?: Strings;
}

/** The API as it was when it was deployed; what changes later is not seen until the next deployment. */
export interface DeploymentRow {
  readonly id: string;
  readonly created: number;
  readonly description?: string;
  readonly binaryMediaTypes: readonly string[];
  readonly resources: readonly {
    readonly id: string;
    readonly path: string;
    readonly methods: Readonly<Record<string, MethodRow>>;
  }[];
  readonly gatewayResponses: Readonly<Record<string, GatewayResponseRow>>;
}

/** A name under which a deployment answers, keyed by API and name. */
export interface StageRow {
  readonly name: string;
  readonly deploymentId: string;
  readonly created: number;
  readonly updated: number;
  readonly description?: string;
  readonly variables?: Strings;
  readonly tags: Strings;
}

export const apiTables = {
  apis: table<ApiRow>(),
  resources: table<ResourceRow>(),
  deployments: table<DeploymentRow>(),
  stages: table<StageRow>(),
  gatewayResponses: table<GatewayResponseRow>(),
  account: table<{ readonly cloudwatchRoleArn?: string }>(),
  // An invoke URL does not say its region.
  homes: table<{ readonly region: string }>({ scope: "account" }),
};

export type ApiTables = typeof apiTables;
