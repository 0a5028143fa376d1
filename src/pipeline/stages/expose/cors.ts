import { ref } from "../../resources.ts";
import type { Resource } from "../../template.ts";
import type { StageContext } from "../stage.ts";

/** What a browser needs before it lets a page of another origin call the URL, and read its errors. */
export function corsResources(
  at: StageContext,
  resource: string,
): { readonly methods: Readonly<Record<string, Resource>>; readonly responses: Readonly<Record<string, Resource>> } {
  const origins = at.project.api.cors;
  const [first] = origins;
  if (first === undefined) return { methods: {}, responses: {} };
  const headers: Record<string, string> = {
    "Access-Control-Allow-Origin": quoted(origins.includes("*") ? "*" : first),
    "Access-Control-Allow-Headers": quoted("Content-Type"),
    "Access-Control-Allow-Methods": quoted("GET,POST,OPTIONS"),
  };
  return {
    methods: { OptionsMethod: preflight(resource, { ...headers, "Access-Control-Max-Age": quoted("3600") }, origins) },
    responses: {
      Response4xx: gatewayResponse("DEFAULT_4XX", headers),
      Response5xx: gatewayResponse("DEFAULT_5XX", headers),
    },
  };
}

function preflight(resource: string, headers: Readonly<Record<string, string>>, origins: readonly string[]): Resource {
  return {
    Type: "AWS::ApiGateway::Method",
    Properties: {
      RestApiId: ref("Api"),
      ResourceId: ref(resource),
      HttpMethod: "OPTIONS",
      AuthorizationType: "NONE",
      Integration: {
        Type: "MOCK",
        RequestTemplates: { "application/json": '{"statusCode": 204}' },
        IntegrationResponses: [
          {
            StatusCode: "204",
            ResponseParameters: parameters(headers, (value) => value),
            ...(origins.length > 1 &&
              !origins.includes("*") && { ResponseTemplates: { "application/json": choose(origins) } }),
          },
        ],
      },
      MethodResponses: [{ StatusCode: "204", ResponseParameters: parameters(headers, () => false) }],
    },
  };
}

function gatewayResponse(type: string, headers: Readonly<Record<string, string>>): Resource {
  return {
    Type: "AWS::ApiGateway::GatewayResponse",
    Properties: {
      RestApiId: ref("Api"),
      ResponseType: type,
      ResponseParameters: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [`gatewayresponse.header.${name}`, value]),
      ),
    },
  };
}

function parameters<T>(headers: Readonly<Record<string, string>>, value: (header: string) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [`method.response.header.${name}`, value(text)]),
  );
}

/** AWS: a static value goes in single quotes. */
function quoted(text: string): string {
  return `'${text}'`;
}

/** Answers the caller's own origin when it is one of several. */
function choose(origins: readonly string[]): string {
  return [
    '#set($origin = $input.params("Origin"))',
    '#if($origin == "")#set($origin = $input.params("origin"))#end',
    `#if(${origins.map((origin) => `$origin == "${origin}"`).join(" || ")})`,
    '#set($context.responseOverride.header.Access-Control-Allow-Origin = "$origin")',
    "#end",
  ].join("\n");
}
