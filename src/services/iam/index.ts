import { defineService } from "#kernel";
import { authorizer } from "./authorizer.ts";
import { cloudformation } from "./cloudformation.ts";
import { instanceProfiles } from "./operations/instance-profiles.ts";
import { oidcProviders } from "./operations/oidc-providers.ts";
import { policies } from "./operations/policies.ts";
import { rolePolicies } from "./operations/role-policies.ts";
import { roles } from "./operations/roles.ts";
import { users } from "./operations/users.ts";
import { permissions } from "./permissions.ts";
import { iamTables } from "./state.ts";

export const iam = defineService({
  name: "iam",
  tables: iamTables,
  operations: { ...roles, ...rolePolicies, ...policies, ...instanceProfiles, ...oidcProviders, ...users },
  permissions,
  resources: cloudformation,
  authorizer,
});
