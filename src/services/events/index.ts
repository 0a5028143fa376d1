import { defineService } from "#kernel";
import { resources } from "./cloudformation.ts";
import { requireDelivery } from "./delivery.ts";
import { buses } from "./operations/buses.ts";
import { putEvents } from "./operations/put-events.ts";
import { rules } from "./operations/rules.ts";
import { tags } from "./operations/tags.ts";
import { targets } from "./operations/targets.ts";
import { permissions } from "./permissions.ts";
import { requireScheduler } from "./scheduler.ts";
import { eventsTables } from "./state.ts";

export const events = defineService({
  name: "events",
  tables: eventsTables,
  operations: { ...buses, ...rules, ...targets, ...putEvents, ...tags },
  permissions,
  resources,
  start(ctx) {
    requireDelivery(ctx.kernel).resume();
    requireScheduler(ctx.kernel).resume();
  },
});
