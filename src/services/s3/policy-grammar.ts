import { isRecord, parseJson } from "#core";

type Source = Readonly<Record<string, unknown>>;

/** The statements of a bucket's policy that was checked when it was put. */
export function statementsOf(policy: string): readonly Source[] {
  const document = parseJson(policy);
  return isRecord(document) ? toList(document["Statement"]).filter(isRecord) : [];
}

/** All values of an element that may be one or a list. */
export function toList(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

/** AWS's sentence about the first thing that is wrong with a bucket's policy, as its clients show them; undefined when nothing is. */
export function findPolicyProblem(policy: string, bucket: string): string | undefined {
  const document = parseJson(policy);
  if (!isRecord(document)) return "Policies must be valid JSON and the first byte must be '{'";
  const unknown = Object.keys(document).find((key) => !DOCUMENT.has(key));
  if (unknown !== undefined) return `Unknown field ${unknown}`;
  const version = document["Version"];
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    return "The policy must contain a valid version string";
  }
  if (document["Statement"] === undefined) return "Missing required field Statement";
  const statements = toList(document["Statement"]);
  if (statements.length === 0) return "Could not parse the policy: Statement is empty!";
  if (!statements.every(isRecord)) return SYNTAX;
  return first(statements, (statement) => findStatementProblem(statement, bucket)) ?? findSidProblem(statements);
}

const SYNTAX = "Invalid policy syntax.";
const DOCUMENT = new Set(["Version", "Id", "Statement"]);
const CHOICES = ["Principal", "Action", "Resource"] as const;
const STATEMENT = new Set(["Sid", "Effect", "Condition", ...CHOICES.flatMap((name) => [name, `Not${name}`])]);

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = find(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findStatementProblem(statement: Source, bucket: string): string | undefined {
  const unknown = Object.keys(statement).find((key) => !STATEMENT.has(key));
  if (unknown !== undefined) return `Unknown field ${unknown}`;
  const effect = statement["Effect"];
  if (effect === undefined) return "Missing required field Effect";
  if (effect !== "Allow" && effect !== "Deny") return `Invalid effect: ${String(effect)}`;
  const missing = CHOICES.find((name) => chosen(statement, name).length === 0 && name !== "Principal");
  if (statement["Principal"] === undefined && statement["NotPrincipal"] === undefined) {
    return "Missing required field Principal";
  }
  if (missing !== undefined) return `Missing required field ${missing}`;
  if (CHOICES.some((name) => statement[name] !== undefined && statement[`Not${name}`] !== undefined)) return SYNTAX;
  if (![...chosen(statement, "Action")].every(isAction)) return "Policy has invalid action";
  if (!chosen(statement, "Resource").every((resource) => isOf(resource, bucket))) return "Policy has invalid resource";
  return (
    findPrincipalProblem(statement["Principal"] ?? statement["NotPrincipal"]) ??
    findConditionProblem(statement["Condition"]) ??
    findMismatch(statement)
  );
}

function chosen(statement: Source, name: string): readonly unknown[] {
  return toList(statement[name] ?? statement[`Not${name}`]);
}

function isAction(action: unknown): boolean {
  return typeof action === "string" && /^(\*|s3:[a-z*?]+)$/i.test(action);
}

/** AWS: a bucket's policy is about the bucket and its objects, and about nothing else: not even `*`. */
function isOf(resource: unknown, bucket: string): boolean {
  const [, pattern] = /^arn:[\w*?-]+:s3:::([^/]+)/.exec(String(resource)) ?? [];
  return pattern !== undefined && isLike(bucket, pattern);
}

/** `*` for any text, `?` for one character; on a mismatch the last star takes one more. */
function isLike(text: string, pattern: string): boolean {
  let [at, star, taken] = [0, -1, 0];
  for (let i = 0; i < text.length;) {
    if (pattern[at] === "*") [star, taken, at] = [at, i, at + 1];
    else if (pattern[at] === "?" || pattern[at] === text[i]) [at, i] = [at + 1, i + 1];
    else if (star >= 0) [at, i, taken] = [star + 1, taken + 1, taken + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

const PRINCIPALS: Readonly<Record<string, RegExp>> = {
  AWS: /^(\*|\d{12}|arn:aws[\w-]*:(iam|sts)::\d{12}:(root|user\/.+|role\/.+|assumed-role\/.+|federated-user\/.+)|arn:aws[\w-]*:iam::cloudfront:user\/.+)$/,
  Service: /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|internal|aws)$/,
  Federated: /./,
  CanonicalUser: /^[0-9a-f]{64}$/,
};

function findPrincipalProblem(principal: unknown): string | undefined {
  const invalid = "Invalid principal in policy";
  if (principal === "*") return undefined;
  if (!isRecord(principal) || Object.keys(principal).length === 0) return invalid;
  const isValid = Object.entries(principal).every(([kind, names]) =>
    toList(names).every((name) => typeof name === "string" && PRINCIPALS[kind]?.test(name)),
  );
  return isValid ? undefined : invalid;
}

const OPERATOR =
  /^(ForAnyValue:|ForAllValues:)?(String(Not)?(Equals|EqualsIgnoreCase|Like)|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?$|^Null$/;

function findConditionProblem(conditions: unknown): string | undefined {
  if (conditions === undefined) return undefined;
  if (!isRecord(conditions)) return SYNTAX;
  return first(Object.entries(conditions), ([operator, keys]) => {
    if (!OPERATOR.test(operator)) return `Invalid Condition type : ${operator}`;
    if (!isRecord(keys)) return SYNTAX;
    return Object.keys(keys).every((key) => /^(aws|s3|kms|jwks|saml|sts):./i.test(key))
      ? undefined
      : "Policy has an invalid condition key";
  });
}

/** AWS: an action on objects wants a resource with a slash, one on the bucket a resource without. */
function findMismatch(statement: Source): string | undefined {
  if (statement["Action"] === undefined || statement["Resource"] === undefined) return undefined;
  const resources = toList(statement["Resource"]).map(String);
  const hasObjects = resources.some((resource) => resource.includes("/") || resource.endsWith("*"));
  const hasBucket = resources.some((resource) => !resource.includes("/"));
  const applies = (action: string) => /[*?]/.test(action) || (isOfObjects(action) ? hasObjects : hasBucket);
  return toList(statement["Action"]).map(String).every(applies)
    ? undefined
    : "Action does not apply to any resource(s) in statement";
}

function isOfObjects(action: string): boolean {
  if (/bucket/i.test(action)) return /objectowneroverride/i.test(action);
  return /object|multipartupload|replicate|initiatereplication|bypassgovernance/i.test(action);
}

function findSidProblem(statements: readonly Source[]): string | undefined {
  const sids = statements.flatMap(({ Sid: sid }) => (sid === undefined ? [] : [sid]));
  if (!sids.every((sid) => typeof sid === "string")) return SYNTAX;
  return new Set(sids).size < sids.length ? "Statement IDs (SID) in a single policy must be unique." : undefined;
}
