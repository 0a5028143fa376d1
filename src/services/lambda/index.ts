import { defineService } from "#kernel";
import { download } from "./download.ts";
import { eventQueue } from "./event-queue.ts";
import { functions } from "./operations/functions.ts";
import { invoke } from "./operations/invoke.ts";
import { updates } from "./operations/updates.ts";
import { permissions } from "./permissions.ts";
import { resumePending } from "./prepare-runtime.ts";
import { tables } from "./state.ts";

export const lambda = defineService({
  name: "lambda",
  tables,
  operations: { ...functions, ...updates, ...invoke },
  permissions,
  http: download,
  start(ctx) {
    ctx.kernel.live(eventQueue).resume(ctx);
    resumePending(ctx);
  },
});
