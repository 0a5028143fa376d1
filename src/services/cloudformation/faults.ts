import { type AwsFault, fault } from "#protocol";

// AWS: sentences as the service answers them; see each operation's page and the SDKs' issue threads.

export function validationError(message: string): AwsFault {
  return fault("ValidationError", message, { status: 400 });
}

export function stackNotFound(name: string): AwsFault {
  return validationError(`Stack with id ${name} does not exist`);
}

export function stackAlreadyExists(name: string): AwsFault {
  return fault("AlreadyExistsException", `Stack [${name}] already exists`, { status: 400 });
}

export function noUpdates(): AwsFault {
  return validationError("No updates are to be performed.");
}

export function wrongState(id: string, status: string): AwsFault {
  return validationError(`Stack:${id} is in ${status} state and can not be updated.`);
}

export function changeSetNotFound(name: string): AwsFault {
  return fault("ChangeSetNotFound", `ChangeSet [${name}] does not exist`, { status: 404 });
}

export function insufficientCapabilities(missing: string): AwsFault {
  return fault("InsufficientCapabilitiesException", `Requires capabilities : [${missing}]`, { status: 400 });
}

export function notBuilt(what: string): AwsFault {
  return fault("NotImplemented", `Cauce's CloudFormation does not implement ${what}.`, { status: 501 });
}
