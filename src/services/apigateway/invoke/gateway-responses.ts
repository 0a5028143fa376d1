import type { GatewayResponseRow } from "../state.ts";
import { type Mapping, toMappings } from "./mappings.ts";
import { compileTemplates, type Templates } from "./template.ts";

/** AWS: the types and what they answer unless customised. API Gateway developer guide, "Gateway response types". */
export const DEFAULTS = {
  ACCESS_DENIED: { status: 403 },
  API_CONFIGURATION_ERROR: { status: 500 },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500 },
  AUTHORIZER_FAILURE: { status: 500 },
  BAD_REQUEST_BODY: { status: 400 },
  BAD_REQUEST_PARAMETERS: { status: 400 },
  DEFAULT_4XX: { status: undefined },
  DEFAULT_5XX: { status: undefined },
  EXPIRED_TOKEN: { status: 403 },
  INTEGRATION_FAILURE: { status: 504 },
  INTEGRATION_TIMEOUT: { status: 504 },
  INVALID_API_KEY: { status: 403 },
  INVALID_SIGNATURE: { status: 403 },
  MISSING_AUTHENTICATION_TOKEN: { status: 403 },
  QUOTA_EXCEEDED: { status: 429 },
  REQUEST_TOO_LARGE: { status: 413 },
  RESOURCE_NOT_FOUND: { status: 404 },
  THROTTLED: { status: 429 },
  UNAUTHORIZED: { status: 401 },
  UNSUPPORTED_MEDIA_TYPE: { status: 415 },
  WAF_FILTERED: { status: 403 },
} as const satisfies Record<string, { readonly status: number | undefined }>;

export type GatewayResponseType = keyof typeof DEFAULTS;

/** A request that ends in API Gateway itself, not in what its integration answered. */
export class GatewayError extends Error {
  readonly type: GatewayResponseType;
  readonly status: number;
  /** As in the header `x-amzn-errortype`. */
  readonly errorType: string;

  constructor(type: GatewayResponseType, status: number, errorType: string, message: string) {
    super(message);
    this.name = "GatewayError";
    this.type = type;
    this.status = status;
    this.errorType = errorType;
  }

  /** AWS: a blank after the colon in what the integration's side causes, none in what the front door refuses. */
  get body(): string {
    const text = JSON.stringify(this.message);
    return this.status >= 500 || this.status === 415 ? `{"message": ${text}}` : `{"message":${text}}`;
  }
}

export const noSuchRoute = () =>
  new GatewayError(
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
  );
export const tooLarge = () =>
  new GatewayError("REQUEST_TOO_LARGE", 413, "RequestTooLargeException", "Request Too Long");
export const unsupportedMediaType = () =>
  new GatewayError("UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", "Unsupported Media Type");
export const timedOut = () =>
  new GatewayError("INTEGRATION_TIMEOUT", 504, "InternalServerErrorException", "Endpoint request timed out");
/** The API is set up wrongly: no permission, no such function, a mapping that fails. */
export const misconfigured = () =>
  new GatewayError("API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error");
/** What the function answered is no answer. */
export const badGateway = () =>
  new GatewayError("DEFAULT_5XX", 502, "InternalServerErrorException", "Internal server error");

interface GatewayResponse {
  readonly status: number | undefined;
  readonly headers: readonly Mapping[];
  readonly templates: Templates;
}

export type GatewayResponses = ReadonlyMap<string, GatewayResponse>;

export function compileGatewayResponses(rows: Readonly<Record<string, GatewayResponseRow>>): GatewayResponses {
  return new Map(
    Object.entries(rows).map(([type, row]) => [
      type,
      {
        status: row.statusCode === undefined ? undefined : Number(row.statusCode),
        headers: toMappings(row.responseParameters, "gatewayresponse.header."),
        templates: compileTemplates(row.responseTemplates),
      },
    ]),
  );
}
