export { applyPolicies, type BootstrapOptions, type Bootstrapped, type Granting, policiesFor } from "./apply.ts";
export { deployPolicies, type ManagedPolicy } from "./policy.ts";
export { deployStatements, type Granted } from "./statements.ts";
