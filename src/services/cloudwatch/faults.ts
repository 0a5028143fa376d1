import { type AwsFault, fault } from "#protocol";

// AWS: codes as in the CloudWatch API reference; sentences as users of its clients report them in public.

export const invalidValue = (message: string): AwsFault => fault("InvalidParameterValue", message, { status: 400 });
export const invalidCombination = (message: string): AwsFault =>
  fault("InvalidParameterCombination", message, { status: 400 });
export const missing = (parameter: string): AwsFault =>
  fault("MissingParameter", `The parameter ${parameter} is required.`, { status: 400 });
export const validation = (message: string): AwsFault => fault("ValidationError", message, { status: 400 });
export const alarmNotFound = (): AwsFault => fault("ResourceNotFound", "Alarm not found", { status: 404 });
export const resourceNotFound = (arn: string): AwsFault =>
  fault("ResourceNotFoundException", `Unknown resource: ${arn}`, {
    status: 404,
    members: { ResourceType: "AWS::CloudWatch::Alarm", ResourceId: arn },
  });
export const tokenInvalid = (): AwsFault =>
  fault("InvalidNextToken", "The specified nextToken is invalid.", { status: 400 });
export const tooManyMetrics = (most: number): AwsFault =>
  fault(
    "LimitExceeded",
    `Cauce keeps ${most} metrics of a region; these would be more. Use fewer values of dimensions.`,
    {
      status: 400,
    },
  );

/** What AWS has and this does not yet. */
export const notBuilt = (what: string): AwsFault =>
  fault("NotImplemented", `Cauce's CloudWatch does not implement ${what}.`, { status: 501 });
