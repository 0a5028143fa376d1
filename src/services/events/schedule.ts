import { notImplemented } from "./faults.ts";

export function assertSchedule(expression: string): void {
  throw notImplemented(`a rule with a ScheduleExpression (${expression})`);
}
