import { defineService } from "#kernel";
import { resources } from "./cloudformation.ts";
import { activities } from "./operations/activities.ts";
import { policies } from "./operations/policies.ts";
import { tags } from "./operations/tags.ts";
import { targets } from "./operations/targets.ts";
import { permissions } from "./permissions.ts";
import { requireScaler } from "./scaler.ts";
import { autoscalingTables } from "./state.ts";

/** AWS: alarms are acted upon within seconds. */
const ROUND = 10_000;

export const applicationAutoscaling = defineService({
  name: "application-autoscaling",
  tables: autoscalingTables,
  operations: { ...targets, ...policies, ...activities, ...tags },
  permissions,
  resources,
  start({ kernel }) {
    kernel.tasks.every("application-autoscaling", ROUND, () => requireScaler(kernel).round());
  },
});
