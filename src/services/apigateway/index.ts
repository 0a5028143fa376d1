import { defineService } from "#kernel";
import { resources as cloudformation } from "./cloudformation.ts";
import { door } from "./invoke/door.ts";
import { account } from "./operations/account.ts";
import { deployments } from "./operations/deployments.ts";
import { gatewayResponses } from "./operations/gateway-responses.ts";
import { integrations } from "./operations/integrations.ts";
import { methods } from "./operations/methods.ts";
import { resources } from "./operations/resources.ts";
import { responses } from "./operations/responses.ts";
import { restApis } from "./operations/rest-apis.ts";
import { stages } from "./operations/stages.ts";
import { tags } from "./operations/tags.ts";
import { permissions } from "./permissions.ts";
import { apiTables } from "./state.ts";

export const apigateway = defineService({
  name: "apigateway",
  tables: apiTables,
  operations: {
    ...restApis,
    ...resources,
    ...methods,
    ...responses,
    ...integrations,
    ...deployments,
    ...stages,
    ...gatewayResponses,
    ...account,
    ...tags,
  },
  permissions,
  resources: cloudformation,
  http: door,
});
