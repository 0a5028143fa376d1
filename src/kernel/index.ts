export type { AccessKey, Authorizer, Decision, Keyring } from "./authorizer.ts";
export { readAll, textOf } from "./body.ts";
export type { Blob, BlobStore } from "./blobs/blob-store.ts";
export type { AssumedRole, Context, Kernel, Live } from "./context.ts";
export { createKernel, type KernelOptions } from "./create-kernel.ts";
export type { Journal, JournalEntry } from "./journal.ts";
export type { Handlers } from "./handlers.ts";
export type { Counted, Metrics, Series, SeriesName } from "./metrics.ts";
export type {
  Call,
  CallOptions,
  Clients,
  InputOf,
  OperationName,
  OperationsOf,
  OutputOf,
  ServiceName,
} from "./operation.ts";
export { type Page, pageOfRows } from "./page.ts";
export type { Permission } from "./permission.ts";
export {
  type Principal,
  type FederatedPrincipal,
  type RolePrincipal,
  type RootPrincipal,
  rootPrincipal,
  servicePrincipal,
  type ServicePrincipal,
} from "./principal.ts";
export {
  describeSandbox,
  type Isolation,
  type ProcessEnd,
  type ProcessLimits,
  type ProcessSpec,
  runProcess,
  type RunningProcess,
  type Sandbox,
  spawnProcess,
  sweepProcesses,
} from "./processes/index.ts";
export type { Resource, ResourceContext, ResourceHandler } from "./resource.ts";
export {
  type AnyService,
  type CorsHeaders,
  defineService,
  type HttpDoor,
  type Permissions,
  type Service,
} from "./service.ts";
export type { Settings } from "./settings.ts";
export {
  bytesTable,
  type OpenTables,
  type Range,
  type Table,
  table,
  tableKey,
  type TableSpec,
  type TableSpecs,
} from "./tables/index.ts";
export type { Tasks } from "./tasks.ts";
