import { type AwsFault, fault } from "#protocol";

const noSuchEntity = (message: string) => fault("NoSuchEntity", message, { status: 404 });
const deleteConflict = (message: string) => fault("DeleteConflict", message, { status: 409 });
const alreadyExists = (message: string) => fault("EntityAlreadyExists", message, { status: 409 });

export const limitExceeded = (message: string): AwsFault => fault("LimitExceeded", message, { status: 409 });
export const malformedPolicy = (message: string): AwsFault =>
  fault("MalformedPolicyDocument", message, { status: 400 });
export const invalidInput = (message: string): AwsFault => fault("InvalidInput", message, { status: 400 });
export const notBuilt = (what: string): AwsFault =>
  fault("NotImplemented", `Cauce does not implement ${what}.`, { status: 501 });

export const roleNotFound = (name: string): AwsFault => noSuchEntity(`The role with name ${name} cannot be found.`);
export const roleExists = (name: string): AwsFault => alreadyExists(`Role with name ${name} already exists.`);
export const roleHasAttachedPolicies = (): AwsFault =>
  deleteConflict("Cannot delete entity, must detach all policies first.");
export const roleHasInlinePolicies = (): AwsFault =>
  deleteConflict("Cannot delete entity, must delete policies first.");

export const rolePolicyNotFound = (name: string): AwsFault =>
  noSuchEntity(`The role policy with name ${name} cannot be found.`);

export const policyNotFound = (arn: string): AwsFault => noSuchEntity(`Policy ${arn} was not found.`);
export const policyNotAttachable = (arn: string): AwsFault =>
  noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
export const policyVersionNotFound = (arn: string, version: string): AwsFault =>
  noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
export const policyExists = (name: string): AwsFault =>
  alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
export const policyIsAttached = (): AwsFault => deleteConflict("Cannot delete a policy attached to entities.");
export const policyHasVersions = (): AwsFault =>
  deleteConflict(
    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
  );
export const defaultVersionStays = (): AwsFault => deleteConflict("Cannot delete the default version of a policy.");
export const awsPolicyStays = (): AwsFault =>
  fault("AccessDenied", "Cannot change a policy that AWS manages.", { status: 403 });
export const instanceProfileNotFound = (name: string): AwsFault =>
  noSuchEntity(`Instance Profile ${name} cannot be found.`);
export const instanceProfileExists = (name: string): AwsFault =>
  alreadyExists(`Instance Profile ${name} already exists.`);
export const instanceProfileHasRole = (): AwsFault =>
  deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
export const oidcProviderNotFound = (arn: string): AwsFault =>
  noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
export const oidcProviderExists = (url: string): AwsFault => alreadyExists(`Provider with url ${url} already exists.`);
export const userNotFound = (name: string): AwsFault => noSuchEntity(`The user with name ${name} cannot be found.`);
