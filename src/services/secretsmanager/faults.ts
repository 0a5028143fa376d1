import { type AwsFault, fault } from "#protocol";

// AWS: sentences as the service answers them, seen in issues of public clients and in moto.

export const secretNotFound = (): AwsFault =>
  fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
export const valueNotFound = (what: string): AwsFault =>
  fault("ResourceNotFoundException", `Secrets Manager can't find the specified secret value for ${what}`);
export const secretExists = (name: string): AwsFault =>
  fault("ResourceExistsException", `The operation failed because the secret ${name} already exists.`);
export const versionExists = (): AwsFault =>
  fault(
    "ResourceExistsException",
    "You can't use ClientRequestToken for this operation because a version with that token and another value already exists.",
  );
export const markedForDeletion = (): AwsFault =>
  fault(
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
export const nameIsLeaving = (): AwsFault =>
  fault(
    "InvalidRequestException",
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  );
export const invalidParameter = (message: string): AwsFault => fault("InvalidParameterException", message);
export const invalidToken = (): AwsFault => fault("InvalidNextTokenException", "The specified NextToken is invalid.");
export const notOpened = (): AwsFault =>
  fault(
    "DecryptionFailure",
    "Secrets Manager can't decrypt the protected secret text: secrets.key of this home is not the one that it was encrypted with.",
  );

/** A member that AWS takes and this service cannot honour: said, never ignored. */
export const notBuilt = (member: string): AwsFault =>
  invalidParameter(`${member} is not implemented by Cauce. Leave it out.`);
