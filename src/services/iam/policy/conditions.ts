import { compileArnPattern } from "./arn-pattern.ts";
import type { Condition } from "./document.ts";
import { compileGlob, type Variables } from "./glob.ts";
import { isInRange } from "./ip-range.ts";

/** The request's values of a condition key, in any case; undefined when the request has none. */
export type Keys = (key: string) => readonly string[] | undefined;

export type ConditionTest = (keys: Keys, variables: Variables) => boolean;

/** Undefined when there is no such operator: then the whole statement can never apply. */
export function compileCondition(
  condition: Condition,
  options: { readonly variables: boolean },
): ConditionTest | undefined {
  const { quantifier, name, ifExists } = parseOperator(condition.operator);
  if (name === "Null") return isNull(condition);
  const operator = OPERATORS[name];
  if (!operator) return undefined;
  const tests = condition.values.map((value) => operator.compile(value, options));
  // A negated operator must hold against every value of the policy, any other against one of them.
  const holds: ValueTest = operator.negated
    ? (value, variables) => tests.every((test) => !test(value, variables))
    : (value, variables) => tests.some((test) => test(value, variables));

  return (keys, variables) => {
    const found = keys(condition.key);
    if (found === undefined || found.length === 0) {
      // AWS: with no such key, ForAllValues is true, ForAnyValue is false, a negated operator is true (IAM user guide, "Condition operators").
      if (ifExists || quantifier === "ForAllValues") return true;
      return quantifier === undefined && operator.negated;
    }
    if (quantifier === "ForAllValues") return found.every((value) => holds(value, variables));
    if (quantifier === "ForAnyValue" || !operator.negated) return found.some((value) => holds(value, variables));
    return found.every((value) => holds(value, variables));
  };
}

export function isConditionOperator(operator: string): boolean {
  const { name } = parseOperator(operator);
  return name === "Null" || OPERATORS[name] !== undefined;
}

function parseOperator(operator: string) {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/.exec(operator);
  return { quantifier: match?.[1], name: match?.[2] ?? "", ifExists: match?.[3] !== undefined };
}

function isNull(condition: Condition): ConditionTest {
  const wanted = condition.values.includes("true");
  return (keys) => ((keys(condition.key)?.length ?? 0) === 0) === wanted;
}

type ValueTest = (value: string, variables: Variables) => boolean;

interface Operator {
  readonly negated: boolean;
  compile(wanted: string, options: { readonly variables: boolean }): ValueTest;
}

const is = (compile: Operator["compile"]): Operator => ({ negated: false, compile });
const not = ({ compile }: Operator): Operator => ({ negated: true, compile });

const stringLike = is((wanted, options) => compileGlob(wanted, options).matches);
const stringEquals = is((wanted, options) => {
  if (!options.variables) return (value) => value === wanted;
  return compileGlob(literal(wanted), options).matches;
});
const stringEqualsIgnoreCase = is((wanted, options) => {
  const test = stringEquals.compile(wanted.toLowerCase(), options);
  return (value, variables) => test(value.toLowerCase(), (name) => variables(name)?.toLowerCase());
});
const arnLike = is((wanted, options) => compileArnPattern(wanted, options).matches);
const ipAddress = is((wanted) => (value) => isInRange(value, wanted));
const bool = is((wanted) => (value) => value.toLowerCase() === wanted.toLowerCase());
const binaryEquals = is((wanted) => (value) => value === wanted);

const numeric = (compare: (value: number, wanted: number) => boolean): Operator =>
  is((wanted) => (value) => value !== "" && compare(Number(value), Number(wanted)));
const date = (compare: (value: number, wanted: number) => boolean): Operator =>
  is((wanted) => (value) => compare(toTime(value), toTime(wanted)));

const equal = (a: number, b: number) => a === b;
const less = (a: number, b: number) => a < b;
const lessOrEqual = (a: number, b: number) => a <= b;
const greater = (a: number, b: number) => a > b;
const greaterOrEqual = (a: number, b: number) => a >= b;

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: stringEquals,
  StringNotEquals: not(stringEquals),
  StringEqualsIgnoreCase: stringEqualsIgnoreCase,
  StringNotEqualsIgnoreCase: not(stringEqualsIgnoreCase),
  StringLike: stringLike,
  StringNotLike: not(stringLike),
  // AWS: ArnEquals and ArnLike behave identically (IAM user guide).
  ArnEquals: arnLike,
  ArnLike: arnLike,
  ArnNotEquals: not(arnLike),
  ArnNotLike: not(arnLike),
  NumericEquals: numeric(equal),
  NumericNotEquals: not(numeric(equal)),
  NumericLessThan: numeric(less),
  NumericLessThanEquals: numeric(lessOrEqual),
  NumericGreaterThan: numeric(greater),
  NumericGreaterThanEquals: numeric(greaterOrEqual),
  DateEquals: date(equal),
  DateNotEquals: not(date(equal)),
  DateLessThan: date(less),
  DateLessThanEquals: date(lessOrEqual),
  DateGreaterThan: date(greater),
  DateGreaterThanEquals: date(greaterOrEqual),
  Bool: bool,
  BinaryEquals: binaryEquals,
  IpAddress: ipAddress,
  NotIpAddress: not(ipAddress),
};

/** Makes wildcards literal, by the policy language's own means, for operators that have none. */
function literal(text: string): string {
  return text.replaceAll(/\$\{[^}]*\}|[*?]/g, (found) => (found.length > 1 ? found : `\${${found}}`));
}

/** An ISO date, or seconds since the epoch. */
function toTime(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
