import { defineService } from "#kernel";
import { resources } from "./cloudformation.ts";
import { alarmStates } from "./operations/alarm-states.ts";
import { alarms } from "./operations/alarms.ts";
import { metricStatistics } from "./operations/metric-statistics.ts";
import { metrics } from "./operations/metrics.ts";
import { putMetricData } from "./operations/put-metric-data.ts";
import { tags } from "./operations/tags.ts";
import { permissions } from "./permissions.ts";
import { requirePulse } from "./pulse.ts";
import { keepRetention } from "./retention.ts";
import { cloudwatchTables } from "./state.ts";

export const cloudwatch = defineService({
  name: "cloudwatch",
  tables: cloudwatchTables,
  operations: { ...alarms, ...alarmStates, ...metrics, ...metricStatistics, ...putMetricData, ...tags },
  permissions,
  resources,
  start({ kernel }) {
    requirePulse(kernel);
    keepRetention(kernel);
  },
});
