import { type AwsFault, fault } from "#protocol";

// AWS: codes and sentences as in recordings of the service that other projects publish (2023 to 2025), unless said otherwise.

export function notFound(message: string): AwsFault {
  return fault("NotFoundException", message, { status: 404 });
}

export function conflict(message: string): AwsFault {
  return fault("ConflictException", message, { status: 409 });
}

export function badRequest(message: string): AwsFault {
  return fault("BadRequestException", message, { status: 400 });
}

export function apiNotFound(account: string, id: string): AwsFault {
  return notFound(`Invalid API identifier specified ${account}:${id}`);
}

export function resourceNotFound(): AwsFault {
  return notFound("Invalid Resource identifier specified");
}

export function methodNotFound(): AwsFault {
  return notFound("Invalid Method identifier specified");
}

export function integrationNotFound(): AwsFault {
  return notFound("Invalid Integration identifier specified");
}

export function responseNotFound(): AwsFault {
  return notFound("Invalid Response status code specified");
}

export function deploymentNotFound(): AwsFault {
  return notFound("Invalid Deployment identifier specified");
}

export function stageNotFound(): AwsFault {
  return notFound("Invalid stage identifier specified");
}

export function mappingInvalid(reason: string): AwsFault {
  return badRequest(`Invalid mapping expression specified: Validation Result: warnings : [], errors : [${reason}]`);
}

export function templateInvalid(type: string, reason: string): AwsFault {
  return badRequest(`The mapping template for ${type} is not valid: ${reason}`);
}

/** What AWS has and this does not. */
export function notImplemented(what: string): AwsFault {
  return fault("NotImplemented", `Cauce does not implement ${what}.`, { status: 501 });
}
