import { type AwsFault, fault } from "#protocol";

export function ruleNotFound(name: string): AwsFault {
  return fault("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
}

export function busNotFound(name: string): AwsFault {
  return fault("ResourceNotFoundException", `Event bus ${name} does not exist.`);
}

export function ruleHasTargets(): AwsFault {
  return fault("ValidationException", "Rule can't be deleted since it has targets.");
}

export function patternInvalid(reason: string): AwsFault {
  return fault("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}

export function ruleWithoutTrigger(): AwsFault {
  return fault("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
}

export function scheduleInvalid(): AwsFault {
  return fault("ValidationException", "Parameter ScheduleExpression is not valid.");
}

export function arnMalformed(arn: string): AwsFault {
  return fault("ValidationException", `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
}

export function invalid(message: string): AwsFault {
  return fault("ValidationException", message);
}

export function limitExceeded(message: string): AwsFault {
  return fault("LimitExceededException", message);
}

/** What AWS has and this does not yet. */
export function notImplemented(what: string): AwsFault {
  return fault("NotImplemented", `Cauce does not implement ${what}.`, { status: 501 });
}
