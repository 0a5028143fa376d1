import { isRecord, parseJson } from "#core";
import { isConditionOperator } from "./conditions.ts";
import { toList } from "./document.ts";

export type PolicyKind = "identity" | "trust";

/** AWS's sentence about the first thing that is wrong with a policy; undefined when nothing is. */
export function findPolicyProblem(text: string, kind: PolicyKind): string | undefined {
  const document = parseJson(text);
  if (document === undefined)
    return kind === "trust" ? "This policy contains invalid Json" : "Syntax errors in policy.";
  if (!isRecord(document) || Object.keys(document).some((key) => !DOCUMENT.has(key))) return SYNTAX;
  const version = document["Version"];
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    return "The policy must contain a valid version string";
  }
  // AWS: managed and inline policies must name the version; trust policies may leave it out (2008 then).
  if (version !== "2012-10-17" && kind === "identity") return "Policy document must be version 2012-10-17 or greater.";
  const statements = toList(document["Statement"]);
  if (statements.length === 0 || !statements.every(isRecord)) return SYNTAX;
  return firstProblem(statements, (statement) => findStatementProblem(statement, kind)) ?? findSidProblem(statements);
}

const SYNTAX = "Syntax errors in policy.";
const DOCUMENT = new Set(["Version", "Id", "Statement"]);
const STATEMENT = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

type Source = Readonly<Record<string, unknown>>;

function firstProblem<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = find(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findStatementProblem(statement: Source, kind: PolicyKind): string | undefined {
  if (Object.keys(statement).some((key) => !STATEMENT.has(key))) return SYNTAX;
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") return SYNTAX;
  if (bothOrWrong(statement, "Action") || bothOrWrong(statement, "Resource")) return SYNTAX;
  return (
    findActionProblem(statement, kind) ??
    (kind === "trust" ? findTrustProblem(statement) : findIdentityProblem(statement)) ??
    findConditionProblem(statement["Condition"])
  );
}

function bothOrWrong(statement: Source, name: string): boolean {
  const [yes, no] = [statement[name], statement[`Not${name}`]];
  if (yes !== undefined && no !== undefined) return true;
  return !toList(yes ?? no).every((value) => typeof value === "string");
}

function findActionProblem(statement: Source, kind: PolicyKind): string | undefined {
  const actions = toList(statement["Action"] ?? statement["NotAction"]) as readonly string[];
  if (actions.length === 0)
    return kind === "trust" ? "Missing required field Action" : "Policy statement must contain actions.";
  return firstProblem(actions, (action) => {
    if (action === "*") return undefined;
    const [vendor, name, ...rest] = action.split(":");
    if (!vendor || name === undefined)
      return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    if (!/^[a-zA-Z0-9\-.]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
    if (rest.length > 0) return "Actions/Condition can contain only one colon.";
    if (kind === "trust" && !/^sts:(AssumeRole|TagSession|SetSourceIdentity|SetContext|\*)/.test(action)) {
      return "AssumeRole policy may only specify STS AssumeRole actions.";
    }
    return undefined;
  });
}

function findIdentityProblem(statement: Source): string | undefined {
  if (statement["Principal"] !== undefined || statement["NotPrincipal"] !== undefined) {
    return "Policy document should not specify a principal.";
  }
  const resources = toList(statement["Resource"] ?? statement["NotResource"]) as readonly string[];
  if (resources.length === 0) return "Policy statement must contain resources.";
  return firstProblem(resources, (resource) => {
    if (resource === "*" || resource.startsWith("${")) return undefined;
    if (!resource.includes(":")) return `Resource ${resource} must be in ARN format or "*".`;
    const [prefix, partition, vendor] = resource.split(":");
    if (prefix !== "arn" && prefix !== "*") return `Resource ${resource} must be in ARN format or "*".`;
    if (!/^(aws|aws-cn|aws-us-gov|\*|\$\{.*)/.test(partition ?? ""))
      return `Partition "${partition}" is not valid for resource "${resource}".`;
    return vendor === "" ? "The policy failed legacy parsing" : undefined;
  });
}

function findTrustProblem(statement: Source): string | undefined {
  if (statement["Resource"] !== undefined || statement["NotResource"] !== undefined)
    return "Has prohibited field Resource";
  const principal = statement["Principal"] ?? statement["NotPrincipal"];
  if (principal === undefined) return "Missing required field Principal";
  if (principal === "*") return undefined;
  if (typeof principal === "string") return `Invalid principal in policy: "STAR":"${principal}"`;
  if (!isRecord(principal) || Object.keys(principal).length === 0) return SYNTAX;
  return firstProblem(Object.entries(principal), ([kind, names]) =>
    firstProblem(toList(names), (name) => findPrincipalProblem(kind, name)),
  );
}

function findPrincipalProblem(kind: string, name: unknown): string | undefined {
  if (typeof name !== "string") return SYNTAX;
  const invalid = `Invalid principal in policy: "${kind.toUpperCase()}":"${name}"`;
  if (kind === "Federated" || kind === "CanonicalUser") return undefined;
  if (kind === "Service")
    return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|internal|aws)$/.test(name)
      ? undefined
      : invalid;
  if (kind !== "AWS") return invalid;
  return name === "*" ||
    /^\d{12}$/.test(name) ||
    /^arn:aws[\w-]*:(iam|sts)::\d{12}:(root$|user\/|role\/|assumed-role\/)/.test(name)
    ? undefined
    : invalid;
}

function findConditionProblem(conditions: unknown): string | undefined {
  if (conditions === undefined) return undefined;
  if (!isRecord(conditions)) return SYNTAX;
  return firstProblem(Object.entries(conditions), ([operator, keys]) => {
    if (!isConditionOperator(operator)) return `Invalid Condition type : ${operator}.`;
    if (!isRecord(keys)) return SYNTAX;
    return Object.keys(keys).every((key) => key.includes(":"))
      ? undefined
      : "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  });
}

function findSidProblem(statements: readonly Source[]): string | undefined {
  const sids = statements.flatMap(({ Sid: sid }) => (sid === undefined ? [] : [sid]));
  if (!sids.every((sid) => typeof sid === "string" && /^[a-zA-Z0-9 ]*$/.test(sid))) {
    return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
  }
  return new Set(sids).size < sids.length ? "Statement IDs (SID) in a single policy must be unique." : undefined;
}
