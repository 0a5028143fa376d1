import type {
  GatewayResponseRow,
  IntegrationResponseRow,
  IntegrationRow,
  MethodResponseRow,
  MethodRow,
} from "./state.ts";

export function toMethod(row: MethodRow) {
  const responses = Object.entries(row.responses);
  return {
    httpMethod: row.httpMethod,
    authorizationType: "NONE",
    apiKeyRequired: false,
    operationName: row.operationName,
    requestParameters: row.requestParameters && { ...row.requestParameters },
    requestModels: row.requestModels && { ...row.requestModels },
    methodResponses:
      responses.length === 0
        ? undefined
        : Object.fromEntries(responses.map(([code, response]) => [code, toMethodResponse(code, response)])),
    methodIntegration: row.integration && toIntegration(row.integration),
  };
}

export function toMethodResponse(statusCode: string, row: MethodResponseRow) {
  return {
    statusCode,
    responseParameters: row.responseParameters && { ...row.responseParameters },
    responseModels: row.responseModels && { ...row.responseModels },
  };
}

export function toIntegration(row: IntegrationRow) {
  const responses = Object.entries(row.responses);
  return {
    type: row.type,
    httpMethod: row.httpMethod,
    uri: row.uri,
    credentials: row.credentials,
    requestParameters: row.requestParameters && { ...row.requestParameters },
    requestTemplates: row.requestTemplates && { ...row.requestTemplates },
    passthroughBehavior: row.passthroughBehavior,
    timeoutInMillis: row.timeoutInMillis,
    cacheNamespace: row.cacheNamespace,
    cacheKeyParameters: [],
    integrationResponses:
      responses.length === 0
        ? undefined
        : Object.fromEntries(responses.map(([code, response]) => [code, toIntegrationResponse(code, response)])),
  };
}

export function toIntegrationResponse(statusCode: string, row: IntegrationResponseRow) {
  return {
    statusCode,
    selectionPattern: row.selectionPattern,
    responseParameters: row.responseParameters && { ...row.responseParameters },
    responseTemplates: row.responseTemplates && { ...row.responseTemplates },
  };
}

export function toGatewayResponse<Type extends string>(
  responseType: Type,
  row: GatewayResponseRow,
  defaultResponse: boolean,
) {
  return {
    responseType,
    statusCode: row.statusCode,
    responseParameters: { ...row.responseParameters },
    responseTemplates: { ...row.responseTemplates },
    defaultResponse,
  };
}
