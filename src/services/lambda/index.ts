import { defineService } from "#kernel";
import { resources } from "./cloudformation.ts";
import { sweepCode } from "./code-store.ts";
import { download } from "./download.ts";
import { eventQueue } from "./event-queue.ts";
import { concurrency } from "./operations/concurrency.ts";
import { eventInvokeConfigs } from "./operations/event-invoke-config.ts";
import { functions } from "./operations/functions.ts";
import { invoke } from "./operations/invoke.ts";
import { resourcePolicies, resourcePolicyOf } from "./operations/resource-policy.ts";
import { tags } from "./operations/tags.ts";
import { updates } from "./operations/updates.ts";
import { permissions } from "./permissions.ts";
import { resumePending } from "./prepare-runtime.ts";
import { tables } from "./state.ts";

export const lambda = defineService({
  name: "lambda",
  tables,
  operations: {
    ...functions,
    ...updates,
    ...invoke,
    ...resourcePolicies,
    ...tags,
    ...concurrency,
    ...eventInvokeConfigs,
  },
  permissions,
  resourcePolicy: resourcePolicyOf,
  resources,
  http: download,
  start(ctx) {
    ctx.kernel.live(eventQueue).resume(ctx);
    resumePending(ctx);
    ctx.kernel.tasks.run("lambda: sweep code", () => sweepCode(ctx));
  },
});
