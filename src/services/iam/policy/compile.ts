import { compileArnPattern } from "./arn-pattern.ts";
import { compileCondition, type ConditionTest, type Keys } from "./conditions.ts";
import { type Choice, type PrincipalChoice, readDocument, type Statement } from "./document.ts";
import { compileGlob, type Variables } from "./glob.ts";

/** A policy made ready to decide in microseconds. */
export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[];
}

interface CompiledStatement {
  readonly effect: "Allow" | "Deny";
  /** Whether more than the action and the resource decides: conditions, variables. */
  readonly depends: boolean;
  /** The action is lower case. */
  matchesAction(action: string): boolean;
  matchesPrincipal(who: Who): PrincipalMatch;
  matches(request: PolicyRequest): boolean;
}

/** How a statement's principal fits: by name (or everybody), only through the account, or not at all. */
type PrincipalMatch = "named" | "account" | undefined;

/** The names by which policies may call the one who asks. */
export interface Who {
  /** ARNs: of a session, also its role's. */
  readonly arns: readonly string[];
  readonly account: string;
  readonly service?: string;
  /** The ARN of the provider that vouches for them. */
  readonly federated?: string;
}

export interface PolicyRequest {
  /** Lower case. */
  readonly action: string;
  readonly resource: string;
  readonly keys: Keys;
  readonly variables: Variables;
}

export function compilePolicy(text: string): CompiledPolicy {
  const document = readDocument(text);
  const options = { variables: document.version === "2012-10-17" };
  return { statements: document.statements.flatMap((statement) => compileStatement(statement, options)) };
}

type Options = { readonly variables: boolean };

function compileStatement(statement: Statement, options: Options): CompiledStatement[] {
  const conditions = statement.conditions.map((condition) => compileCondition(condition, options));
  // An unknown operator cannot be stored; if it is met nevertheless, an Allow must not apply and a Deny must.
  if (conditions.includes(undefined) && statement.effect === "Allow") return [];
  const known = conditions.filter((test): test is ConditionTest => test !== undefined);
  const action = compileActions(statement.action);
  const resource = compileResources(statement.resource, options);
  return [
    {
      effect: statement.effect,
      depends:
        conditions.length > 0 ||
        (options.variables && (statement.resource?.values.some((value) => value.includes("${")) ?? false)),
      matchesAction: action,
      matchesPrincipal: compilePrincipal(statement.principal),
      matches: (request) =>
        action(request.action) &&
        resource(request.resource, request.variables) &&
        known.every((test) => test(request.keys, request.variables)),
    },
  ];
}

function compileActions(choice: Choice | undefined): (action: string) => boolean {
  if (!choice) return () => false;
  const none: Variables = () => undefined;
  const exact = new Set<string>();
  const globs = choice.values.flatMap((value) => {
    const lower = value.toLowerCase();
    if (/[*?]/.test(lower)) return [compileGlob(lower, { variables: false })];
    exact.add(lower);
    return [];
  });
  return (action) => (exact.has(action) || globs.some((glob) => glob.matches(action, none))) !== choice.not;
}

function compileResources(
  choice: Choice | undefined,
  options: Options,
): (resource: string, variables: Variables) => boolean {
  // A trust policy names no resource: it is about the role itself.
  if (!choice) return () => true;
  const globs = choice.values.map((value) => compileArnPattern(value, options));
  return (resource, variables) => globs.some((glob) => glob.matches(resource, variables)) !== choice.not;
}

function compilePrincipal(choice: PrincipalChoice | undefined): (who: Who) => PrincipalMatch {
  if (!choice) return () => undefined;
  return (who) => {
    const match = findPrincipal(choice, who);
    return choice.not ? (match ? undefined : "named") : match;
  };
}

function findPrincipal({ values }: PrincipalChoice, who: Who): PrincipalMatch {
  if (values["*"]) return "named";
  if (who.service !== undefined) return values["Service"]?.includes(who.service) ? "named" : undefined;
  const names = values["AWS"] ?? [];
  if (who.federated !== undefined)
    return names.includes("*") || values["Federated"]?.includes(who.federated) ? "named" : undefined;
  if (names.some((name) => name === "*" || who.arns.includes(name))) return "named";
  const root = `arn:aws:iam::${who.account}:root`;
  return names.some((name) => name === who.account || name === root) ? "account" : undefined;
}
