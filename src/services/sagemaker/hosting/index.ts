import { capacities } from "./operations/capacities.ts";
import { endpointConfigs } from "./operations/endpoint-configs.ts";
import { endpoints } from "./operations/endpoints.ts";
import { models } from "./operations/models.ts";

export { hostingResources } from "./cloudformation.ts";
export { hostingPermissions } from "./permissions.ts";
export { sagemakerRuntime } from "./runtime.ts";
export { startHosting } from "./start.ts";
export { hostingTables } from "./state.ts";

export const hostingOperations = { ...models, ...endpointConfigs, ...endpoints, ...capacities };
