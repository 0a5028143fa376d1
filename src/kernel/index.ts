export type { AccessKey, Authorizer, Decision, Keyring, Permission } from "./authorizer.ts";
export type { Blob, BlobStore } from "./blobs/blob-store.ts";
export type { AssumedRole, CallOptions, Context } from "./context.ts";
export { createKernel, type KernelOptions } from "./create-kernel.ts";
export type { Journal, JournalEntry } from "./journal.ts";
export type { Kernel, Live } from "./kernel.ts";
export type { Clients, Handlers, InputOf, OperationName, OperationsOf, OutputOf, ServiceName } from "./operation.ts";
export {
  type Principal,
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
  type OpenTables,
  type Range,
  type Table,
  table,
  tableKey,
  type TableSpec,
  type TableSpecs,
} from "./tables/index.ts";
export type { Tasks } from "./tasks.ts";
