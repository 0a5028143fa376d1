import { defineService } from "#kernel";
import { quotas } from "./operations/quotas.ts";

/** AWS: what is read here has no resource of its own in a policy. Service Authorization Reference, "Service Quotas". */
export const serviceQuotas = defineService({
  name: "service-quotas",
  iamPrefix: "servicequotas",
  tables: {},
  operations: quotas,
});
