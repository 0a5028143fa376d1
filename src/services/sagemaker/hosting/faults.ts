import { type AwsFault, fault } from "#protocol";
import { validation } from "../faults.ts";

// AWS: sentences as reported in public by users of CreateModel, CreateEndpointConfig, CreateEndpoint, UpdateEndpoint and InvokeEndpoint.

type Kind = "model" | "endpoint configuration" | "endpoint";

export const alreadyExists = (kind: Kind, arn: string): AwsFault =>
  validation(`Cannot create already existing ${kind} "${arn}".`);
export const notFound = (kind: Kind, arn: string): AwsFault => validation(`Could not find ${kind} "${arn}".`);
export const inProgress = (arn: string): AwsFault => validation(`Cannot update in-progress endpoint "${arn}".`);
export const failedEndpoint = (arn: string): AwsFault =>
  validation(`Cannot update failed endpoint "${arn}". A failed endpoint can only be deleted.`);

export const imageNotFound = (image: string, why: string): AwsFault =>
  validation(`Requested image ${image} not found. ${why}`);
export const modelDataNotFound = (url: string): AwsFault => validation(`Could not find model data at ${url}.`);
export const modelDataNotAccessible = (url: string, role: string, region: string): AwsFault =>
  validation(
    `Could not access model data at ${url}. Please ensure that the role "${role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${region}.`,
  );
export const roleNotAssumable = (role: string): AwsFault =>
  validation(
    `Could not assume role ${role}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
  );

/** AWS: SageMaker Runtime calls it ValidationError. */
export const invalidInvocation = (message: string): AwsFault => fault("ValidationError", message, { status: 400 });
export const endpointNotServing = (name: string, account: string): AwsFault =>
  invalidInvocation(`Endpoint ${name} of account ${account} not found.`);
export const overloaded = (message: string): AwsFault =>
  fault("ServiceUnavailable", message, { status: 503, retryAfter: 1 });

/** AWS: the code and its status as users report them in public; its message is null there, what it says here is added by us. */
export const throttled = (): AwsFault =>
  fault("ThrottlingException", "The endpoint answers as many requests at a time as its MaxConcurrency says.", {
    status: 400,
  });
/** AWS: as users of serverless endpoints report it in public, with the id of the request. */
export const oversized = (requestId: string): AwsFault => invalidInvocation(`Request ${requestId} has oversize body.`);

/** AWS: "You cannot convert your instance-based, real-time endpoint to a serverless endpoint", a ValidationError (developer guide). */
export const notConvertible = (arn: string): AwsFault =>
  validation(`Cannot update endpoint "${arn}" from instances to a serverless configuration.`);
