import { type AwsFault, fault } from "#protocol";

// AWS: codes and sentences as the service answers them; the sentences were seen in issues of public clients.

export const groupNotFound = (): AwsFault =>
  fault("ResourceNotFoundException", "The specified log group does not exist.");
export const streamNotFound = (): AwsFault =>
  fault("ResourceNotFoundException", "The specified log stream does not exist.");
export const resourceNotFound = (): AwsFault =>
  fault("ResourceNotFoundException", "The specified resource does not exist.");
export const groupExists = (): AwsFault =>
  fault("ResourceAlreadyExistsException", "The specified log group already exists");
export const streamExists = (): AwsFault =>
  fault("ResourceAlreadyExistsException", "The specified log stream already exists");
export const invalidParameter = (message: string): AwsFault => fault("InvalidParameterException", message);
export const invalidToken = (): AwsFault => invalidParameter("The specified nextToken is invalid.");

/** A member that AWS takes and this service cannot honour: said, never ignored. */
export const notBuilt = (member: string): AwsFault =>
  invalidParameter(`${member} is not implemented by Cauce. Leave it out.`);
