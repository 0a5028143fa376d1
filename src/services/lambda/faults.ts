import { type AwsFault, fault } from "#protocol";

// AWS: codes, statuses and sentences as the service answers them, from its documentation and from issues of public clients.

const user = (code: string, message: string, status: number, more: Record<string, unknown> = {}): AwsFault =>
  fault(code, message, { status, members: { Type: "User", ...more } });

export const functionNotFound = (arn: string): AwsFault =>
  user("ResourceNotFoundException", `Function not found: ${arn}`, 404);
export const functionExists = (name: string): AwsFault =>
  user("ResourceConflictException", `Function already exist: ${name}`, 409);
export const invalidParameter = (message: string): AwsFault => user("InvalidParameterValueException", message, 400);
export const resourceNotFound = (message: string): AwsFault => user("ResourceNotFoundException", message, 404);
export const conflict = (message: string): AwsFault => user("ResourceConflictException", message, 409);

export const wrongRevision = (): AwsFault =>
  user(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    412,
  );

export const roleNotAssumable = (): AwsFault =>
  invalidParameter("The role defined for the function cannot be assumed by Lambda.");

export const roleCannot = (verb: string): AwsFault =>
  invalidParameter(`The provided execution role does not have permissions to call ${verb} on EC2`);

export const requestTooLarge = (limit: number, operation: string): AwsFault =>
  user(
    "RequestEntityTooLargeException",
    `Request must be smaller than ${limit} bytes for the ${operation} operation`,
    413,
  );

export const eventTooLarge = (size: number, limit: number): AwsFault =>
  user(
    "RequestEntityTooLargeException",
    `${size} byte payload is too large for the Event invocation type (limit ${limit} bytes)`,
    413,
  );

export const invalidRequestContent = (reason: string): AwsFault =>
  user("InvalidRequestContentException", `Could not parse request body into json: ${reason}`, 400);

export const throttled = (
  reason: "ReservedFunctionConcurrentInvocationLimitExceeded" | "ConcurrentInvocationLimitExceeded",
): AwsFault => user("TooManyRequestsException", "Rate Exceeded.", 429, { Reason: reason });

/** A member that AWS takes and this service cannot honour: said, never ignored. */
export const notBuilt = (member: string): AwsFault =>
  invalidParameter(`${member} is not implemented by Cauce. Leave it out.`);
