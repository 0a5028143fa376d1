import {
  type Context,
  type Kernel,
  type Live,
  rootPrincipal,
  servicePrincipal,
  type ServicePrincipal,
  tableKey,
} from "#kernel";
import { findFunction } from "../function-uri.ts";
import { toSelectionPattern } from "../selection-pattern.ts";
import type { ApiTables, DeploymentRow, IntegrationRow, MethodRow, StageRow, Strings } from "../state.ts";
import { compileGatewayResponses, type GatewayResponses } from "./gateway-responses.ts";
import { type Mapping, toMappings } from "./mappings.ts";
import { createRouter, type Router } from "./router.ts";
import { countStage, type StageCounts } from "./stage-counts.ts";
import { compileTemplates, type Templates } from "./template.ts";

/** A stage as it answers: everything that its deployment says, made ready once. */
export interface CompiledStage {
  readonly ctx: Context<ApiTables>;
  readonly account: string;
  readonly apiId: string;
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: Strings | undefined;
  readonly isBinary: (mediaType: string | undefined) => boolean;
  readonly router: Router<ReadonlyMap<string, Route>>;
  readonly gatewayResponses: GatewayResponses;
  readonly counts: StageCounts;
}

/** One method of one resource. */
export interface Route {
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly integration: Integration;
}

export interface Integration {
  readonly type: IntegrationRow["type"];
  readonly httpMethod: string | undefined;
  readonly functionName: string | undefined;
  readonly credentials: string | undefined;
  readonly timeout: number;
  readonly passthrough: IntegrationRow["passthroughBehavior"];
  readonly templates: Templates;
  readonly requestHeaders: readonly Mapping[];
  readonly requestQuery: readonly Mapping[];
  readonly responses: readonly IntegrationResponse[];
  /** As whom the function is called, by the method of the request. */
  principal(method: string): ServicePrincipal;
}

export interface IntegrationResponse {
  readonly status: number;
  /** Undefined: the default. */
  readonly pattern: RegExp | undefined;
  readonly headers: readonly Mapping[];
  readonly templates: Templates;
}

type Stages = Map<string, Map<string, CompiledStage>>;

const compiled: Live<Stages> = { name: "apigateway.stages", create: () => new Map() };

/** Undefined when there is no such API, or no such stage of it. */
export function findStage(kernel: Kernel, api: string, name: string): CompiledStage | undefined {
  const stages = kernel.live(compiled);
  const known = stages.get(api)?.get(name);
  if (known) return known;
  const made = compile(kernel, api, name);
  if (!made) return undefined;
  const ofApi = stages.get(api) ?? new Map<string, CompiledStage>();
  stages.set(api, ofApi.set(name, made));
  return made;
}

/** To be called after every change that a request could see. */
export function forgetStages(kernel: Kernel, api: string): void {
  kernel.live(compiled).delete(api);
}

function compile(kernel: Kernel, api: string, name: string): CompiledStage | undefined {
  const { account } = kernel.settings;
  const at = (region?: string) =>
    kernel.context("apigateway", rootPrincipal(account), region) as unknown as Context<ApiTables>;
  const region = at().tables.homes.get(api)?.region;
  if (region === undefined) return undefined;
  const ctx = at(region);
  const { tables } = ctx;
  const stage = tables.stages.get(tableKey(api, name));
  const deployment = stage && tables.deployments.get(tableKey(api, stage.deploymentId));
  const row = tables.apis.get(api);
  if (!stage || !deployment || row?.disableExecuteApiEndpoint !== false) return undefined;
  return {
    ctx,
    account,
    apiId: api,
    name,
    deploymentId: deployment.id,
    variables: stage.variables && Object.keys(stage.variables).length > 0 ? stage.variables : undefined,
    isBinary: mediaTypes(deployment.binaryMediaTypes),
    router: createRouter(
      deployment.resources.map((resource) => [resource.path, routesOf(resource, { ctx, api, stage })]),
    ),
    gatewayResponses: compileGatewayResponses(deployment.gatewayResponses),
    counts: countStage(kernel, region, row.name, name),
  };
}

interface Of {
  readonly ctx: Context<ApiTables>;
  readonly api: string;
  readonly stage: StageRow;
}

function routesOf(resource: DeploymentRow["resources"][number], of: Of): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const method of Object.values(resource.methods)) {
    const integration = toIntegration(method, resource.path, of);
    if (integration)
      routes.set(method.httpMethod, { resourceId: resource.id, resourcePath: resource.path, integration });
  }
  return routes;
}

function toIntegration(
  { integration: row }: MethodRow,
  path: string,
  { ctx, api, stage }: Of,
): Integration | undefined {
  if (!row) return undefined;
  const uri = row.uri?.replace(/\$\{stageVariables\.(\w+)\}/g, (_whole, name: string) => stage.variables?.[name] ?? "");
  const principals = new Map<string, ServicePrincipal>();
  // AWS: in the source ARN a variable part is a star, as in the permission that the console makes.
  const source = `arn:aws:execute-api:${ctx.region}:${ctx.account}:${api}/${stage.name}`;
  const part = path.replace(/\{[^}]+\}/g, "*");
  return {
    type: row.type,
    httpMethod: row.httpMethod,
    functionName: uri === undefined ? undefined : findFunction(uri),
    credentials: row.credentials,
    timeout: row.timeoutInMillis,
    passthrough: row.passthroughBehavior,
    templates: compileTemplates(row.requestTemplates),
    requestHeaders: toMappings(row.requestParameters, "integration.request.header."),
    requestQuery: toMappings(row.requestParameters, "integration.request.querystring."),
    responses: toResponses(row),
    principal(method) {
      const known = principals.get(method);
      if (known) return known;
      const made = servicePrincipal("apigateway.amazonaws.com", ctx.account, `${source}/${method}${part}`);
      principals.set(method, made);
      return made;
    },
  };
}

function toResponses(row: IntegrationRow): IntegrationResponse[] {
  return Object.entries(row.responses).map(([code, response]) => ({
    status: Number(code),
    pattern: response.selectionPattern ? toSelectionPattern(response.selectionPattern) : undefined,
    headers: toMappings(response.responseParameters, "method.response.header."),
    templates: compileTemplates(response.responseTemplates),
  }));
}

function mediaTypes(types: readonly string[]): (mediaType: string | undefined) => boolean {
  if (types.length === 0) return () => false;
  if (types.includes("*/*")) return () => true;
  const exact = new Set(types);
  const families = new Set(types.filter((type) => type.endsWith("/*")).map((type) => type.slice(0, -1)));
  return (mediaType) => {
    const type = mediaType?.split(/[;,]/)[0]?.trim().toLowerCase();
    return type !== undefined && (exact.has(type) || families.has(type.slice(0, type.indexOf("/") + 1)));
  };
}
