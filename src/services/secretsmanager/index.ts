import { defineService, type Permissions } from "#kernel";
import { listing } from "./operations/listing.ts";
import { secrets } from "./operations/secrets.ts";
import { tags } from "./operations/tags.ts";
import { values } from "./operations/values.ts";
import { forgetDeleted } from "./find.ts";
import { tables } from "./state.ts";

const HOUR = 3_600_000;
const operations = { ...secrets, ...values, ...tags, ...listing };

/** AWS: who may do what is decided by a secret's whole ARN, however it was named: the handlers ask when they have found it. */
const permissions: Permissions<"secretsmanager"> = {
  ...Object.fromEntries(Object.keys(operations).map((name) => [name, () => []])),
  ListSecrets: () => ({ action: "secretsmanager:ListSecrets", resource: "*" }),
};

export const secretsmanager = defineService({
  name: "secretsmanager",
  tables,
  operations,
  permissions,
  start: (ctx) => ctx.kernel.tasks.every("secretsmanager: deleted secrets", HOUR, () => forgetDeleted(ctx)),
});
