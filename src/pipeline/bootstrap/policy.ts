import type { Granted, Grantee } from "./grantee.ts";
import type { Place } from "../names.ts";
import { hostStatements } from "./statements-host.ts";
import { deployStatements } from "./statements.ts";

/** A customer managed policy, as IAM takes it. */
export interface ManagedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Granted["condition"];
}

/** AWS: a managed policy may have so many characters, white space not counted. "IAM and AWS STS quotas", IAM user guide. */
const MOST = 6144;

/** The least policy of the person or the CI role that deploys, in as many documents as it takes. */
export function deployPolicies(grantee: Grantee): readonly ManagedPolicy[] {
  const of = grantee.project === undefined ? "" : `-${grantee.project}`;
  return named(`CauceDeploy${of}-${grantee.place.region}`, deployStatements(grantee));
}

/** The least policy of who makes the instance of `--to ec2`. */
export function hostPolicies(place: Place): readonly ManagedPolicy[] {
  return named(`CauceDeployHost-${place.region}`, hostStatements(place));
}

function named(name: string, statements: readonly Granted[]): readonly ManagedPolicy[] {
  const documents = pack(statements.map(toStatement));
  return documents.map((document, i) => ({ name: documents.length === 1 ? name : `${name}-${i + 1}`, document }));
}

export function policySize(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

function toStatement({ id, actions, besides = [], resources, condition }: Granted): PolicyStatement {
  return {
    Sid: id,
    Effect: "Allow",
    Action: one([...actions, ...besides]),
    Resource: one(resources),
    ...(condition && { Condition: condition }),
  };
}

/** One after another into the first document that has room. */
function pack(statements: readonly PolicyStatement[]): readonly PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  for (const statement of statements) {
    const i = documents.findIndex((document) => policySize(withOne(document, statement)) <= MOST);
    const document = documents[i];
    if (document === undefined) documents.push({ Version: "2012-10-17", Statement: [statement] });
    else documents[i] = withOne(document, statement);
  }
  return documents;
}

function withOne(document: PolicyDocument, statement: PolicyStatement): PolicyDocument {
  return { ...document, Statement: [...document.Statement, statement] };
}

function one(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? "") : values;
}
