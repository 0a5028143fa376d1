import { type AwsFault, fault } from "#protocol";

// AWS: sentences as users of RegisterScalableTarget, PutScalingPolicy and their clients report them in public.

export const validation = (message: string): AwsFault => fault("ValidationException", message, { status: 400 });
export const targetNotFound = (resourceId: string, dimension: string): AwsFault =>
  fault(
    "ObjectNotFoundException",
    `No scalable target found for service namespace: sagemaker, resource ID: ${resourceId}, scalable dimension: ${dimension}`,
    { status: 400 },
  );
export const targetNotRegistered = (resourceId: string, dimension: string): AwsFault =>
  fault(
    "ObjectNotFoundException",
    `No scalable target registered for service namespace: sagemaker, resource ID: ${resourceId}, scalable dimension: ${dimension}`,
    { status: 400 },
  );
export const policyNotFound = (resourceId: string, name: string): AwsFault =>
  fault(
    "ObjectNotFoundException",
    `No scaling policy found for service namespace: sagemaker, resource ID: ${resourceId}, policy name: ${name}`,
    { status: 400 },
  );
export const resourceNotFound = (arn: string): AwsFault =>
  fault("ResourceNotFoundException", `The specified resource doesn't exist: ${arn}`, {
    status: 400,
    members: { ResourceName: arn },
  });
export const tokenInvalid = (): AwsFault =>
  fault("InvalidNextTokenException", "The specified next token is not valid.", { status: 400 });

/** What AWS has and this does not yet. */
export const notBuilt = (what: string): AwsFault =>
  fault("NotImplemented", `Cauce's Application Auto Scaling does not implement ${what}.`, { status: 501 });
