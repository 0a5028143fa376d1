import type { JsonObject, JsonValue } from "#core";
import { notBuilt } from "../faults.ts";
import { resolve, type Surroundings } from "./references.ts";

/** Whether one condition of a Condition step holds. */
export async function holds(condition: JsonObject, around: Surroundings): Promise<boolean> {
  const type = String(condition["Type"]);
  const compare = COMPARISONS[type];
  if (compare) {
    const left = await resolve(condition["LeftValue"] as JsonValue, around);
    return compare(left, await resolve(condition["RightValue"] as JsonValue, around));
  }
  if (type === "In" || type === "NotIn") {
    const query = await resolve(condition["QueryValue"] as JsonValue, around);
    const values = (await resolve(condition["Values"] as JsonValue, around)) as JsonValue[];
    return values.some((value) => same(value, query)) === (type === "In");
  }
  if (type === "Not") return !(await holds(condition["Expression"] as JsonObject, around));
  if (type === "Or") {
    for (const inner of condition["Conditions"] as JsonObject[]) if (await holds(inner, around)) return true;
    return false;
  }
  throw notBuilt(`conditions of type ${type}`);
}

const COMPARISONS: Readonly<Record<string, (left: JsonValue, right: JsonValue) => boolean>> = {
  Equals: same,
  NotEquals: (left, right) => !same(left, right),
  GreaterThan: (left, right) => Number(left) > Number(right),
  GreaterThanOrEqualTo: (left, right) => Number(left) >= Number(right),
  LessThan: (left, right) => Number(left) < Number(right),
  LessThanOrEqualTo: (left, right) => Number(left) <= Number(right),
};

/** 1 and 1.0 are the same number in JSON; "1" and 1 are not the same. */
function same(left: JsonValue, right: JsonValue): boolean {
  return left === right;
}
