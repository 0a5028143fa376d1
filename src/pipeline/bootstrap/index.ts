export {
  applyPolicies,
  type BootstrapOptions,
  type Bootstrapped,
  type Granting,
  policiesFor,
  type Purpose,
} from "./apply.ts";
export { deployPolicies, type ManagedPolicy } from "./policy.ts";
export type { Granted } from "./grantee.ts";
export { hostStatements } from "./statements-host.ts";
export { deployStatements } from "./statements.ts";
