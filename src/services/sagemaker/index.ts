import { defineService } from "#kernel";
import {
  failInterrupted,
  pipelineOperations,
  pipelinePermissions,
  pipelineResources,
  pipelineTables,
} from "./pipelines/index.ts";
import { registryOperations, registryPermissions, registryResources, registryTables } from "./registry/index.ts";
import { tagOperations, tagTables } from "./tags.ts";

/** SageMaker, by families: jobs, hosting, the model registry, pipelines. */
export const sagemaker = defineService({
  name: "sagemaker",
  tables: { ...registryTables, ...pipelineTables, ...tagTables },
  operations: { ...registryOperations, ...pipelineOperations, ...tagOperations },
  permissions: { ...registryPermissions, ...pipelinePermissions },
  resources: { ...registryResources, ...pipelineResources },
  async start(ctx) {
    await failInterrupted(ctx);
  },
});
