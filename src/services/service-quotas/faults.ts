import { type AwsFault, fault } from "#protocol";

// AWS: sentences as users of the AWS CLI quote them in public (aws-cli 4569 and 8584).

export const serviceNotFound = (): AwsFault =>
  fault("NoSuchResourceException", "The request failed because the specified service does not exist.");
export const quotaNotFound = (service: string, quota: string): AwsFault =>
  fault(
    "NoSuchResourceException",
    `The request failed because the specified quota ${quota} does not exist for service ${service}.`,
  );
export const contextNotFound = (): AwsFault =>
  fault(
    "NoSuchResourceException",
    "The request failed because applied value for the specified context Id do not exist.",
  );
export const tokenInvalid = (): AwsFault =>
  fault("InvalidPaginationTokenException", "The request failed because the pagination token is not valid.");
