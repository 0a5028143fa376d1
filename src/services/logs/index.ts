import { defineService } from "#kernel";
import { resources } from "./cloudformation.ts";
import { filterLogEvents } from "./operations/filter-log-events.ts";
import { getLogEvents } from "./operations/get-log-events.ts";
import { logGroups } from "./operations/log-groups.ts";
import { logStreams } from "./operations/log-streams.ts";
import { putLogEvents } from "./operations/put-log-events.ts";
import { tags } from "./operations/tags.ts";
import { permissions } from "./permissions.ts";
import { keepRetention } from "./retention.ts";
import { tables } from "./state.ts";

export const logs = defineService({
  name: "logs",
  tables,
  operations: { ...logGroups, ...logStreams, ...putLogEvents, ...getLogEvents, ...filterLogEvents, ...tags },
  permissions,
  resources,
  start: keepRetention,
});
