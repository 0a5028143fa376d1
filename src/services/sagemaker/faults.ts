import { type AwsFault, fault } from "#protocol";

// AWS: SageMaker says ValidationException for nearly everything, also for what it cannot find in Describe calls.

export function validation(message: string): AwsFault {
  return fault("ValidationException", message, { status: 400 });
}

export function resourceNotFound(message: string): AwsFault {
  return fault("ResourceNotFound", message, { status: 400 });
}

export function resourceInUse(message: string): AwsFault {
  return fault("ResourceInUse", message, { status: 400 });
}

export function conflict(message: string): AwsFault {
  return fault("ConflictException", message, { status: 409 });
}

/** Part of an operation that exists, but not this: said before anything is made. */
export function notBuilt(what: string): AwsFault {
  return fault("NotImplemented", `Cauce's SageMaker does not implement ${what}.`, { status: 501 });
}
