import { defineService } from "#kernel";
import {
  hostingOperations,
  hostingPermissions,
  hostingResources,
  hostingTables,
  startHosting,
} from "./hosting/index.ts";
import { jobOperations, jobPermissions, jobTables, startJobs } from "./jobs/index.ts";
import {
  failInterrupted,
  pipelineOperations,
  pipelinePermissions,
  pipelineResources,
  pipelineTables,
} from "./pipelines/index.ts";
import { registryOperations, registryPermissions, registryResources, registryTables } from "./registry/index.ts";
import { startTransforms, transformOperations, transformPermissions, transformTables } from "./transform/index.ts";
import { tagOperations, tagPermissions, tagTables } from "./tags.ts";

export { hasRuntime, requirePython } from "./compute/index.ts";
export { sagemakerRuntime } from "./hosting/index.ts";

/** SageMaker, by families: jobs, hosting, batch transform, the model registry, pipelines. */
export const sagemaker = defineService({
  name: "sagemaker",
  tables: { ...jobTables, ...hostingTables, ...registryTables, ...pipelineTables, ...transformTables, ...tagTables },
  operations: {
    ...jobOperations,
    ...hostingOperations,
    ...registryOperations,
    ...pipelineOperations,
    ...transformOperations,
    ...tagOperations,
  },
  permissions: {
    ...jobPermissions,
    ...hostingPermissions,
    ...registryPermissions,
    ...pipelinePermissions,
    ...transformPermissions,
    ...tagPermissions,
  },
  resources: { ...hostingResources, ...registryResources, ...pipelineResources },
  async start(ctx) {
    await startJobs(ctx);
    startTransforms(ctx);
    await failInterrupted(ctx);
    await startHosting(ctx);
  },
});
