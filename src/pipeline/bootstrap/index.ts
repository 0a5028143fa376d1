export { applyPolicies, type BootstrapOptions, type Bootstrapped, type Granting, policiesFor } from "./apply.ts";
export { deployPolicies, type ManagedPolicy } from "./policy.ts";
export type { Granted } from "./grantee.ts";
export { deployStatements } from "./statements.ts";
