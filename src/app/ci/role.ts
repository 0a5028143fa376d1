import { stringify } from "yaml";
import { isRecord } from "#core";
import { deployPolicies } from "#pipeline";
import { AUDIENCE } from "./gitlab.ts";
import { type CiPlan, roleFile, roleName } from "./pipeline.ts";

export interface RoleFor extends CiPlan {
  readonly system: "github" | "gitlab";
  /** The host that signs the tokens, as its provider is called. */
  readonly issuer: string;
}

/** CloudFormation: the provider of tokens, and a role that one branch of one repository may assume. */
export function roleTemplate(of: RoleFor): string {
  const policies = managedPolicies(of);
  const template = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `Cauce: what ${of.name} needs to deploy ${of.project} from ${of.branch}`,
    Parameters: {
      ProviderArn: {
        Type: "String",
        Default: "",
        Description: `ARN of the account's provider for ${of.issuer}, when there is one: an account has at most one`,
        AllowedPattern: "^$|^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+$",
      },
    },
    Conditions: { MakesProvider: { "Fn::Equals": [{ Ref: "ProviderArn" }, ""] } },
    Resources: {
      Provider: provider(of),
      ...Object.fromEntries(policies),
      Role: role(
        of,
        policies.map(([id]) => id),
      ),
    },
    Outputs: {
      RoleArn: { Description: "For the variable of the repository", Value: { "Fn::GetAtt": ["Role", "Arn"] } },
    },
  };
  return `${howTo(of)}${stringify(template, { lineWidth: 0, version: "1.1" })}`;
}

function howTo(of: RoleFor): string {
  return `# Made by \`cauce ci ${of.system}\`, Cauce ${of.version}. Deployed once, by somebody who may make roles:
#   aws cloudformation deploy --stack-name ${roleName(of)} --template-file ${roleFile(of)} --capabilities CAPABILITY_NAMED_IAM
# Where the account has a provider for ${of.issuer} already: --parameter-overrides ProviderArn=ITS-ARN
`;
}

function provider({ issuer }: RoleFor): object {
  return {
    Type: "AWS::IAM::OIDCProvider",
    Condition: "MakesProvider",
    // Another repository's role may trust it too.
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: { Url: `https://${issuer}`, ClientIdList: [AUDIENCE] },
  };
}

/** What `cauce bootstrap aws` gives, for whatever account and region the stack is made in. */
function managedPolicies(of: RoleFor): [string, object][] {
  return deployPolicies({ place: PLACE, project: of.project, source: of.source, vpc: of.vpc }).map(
    ({ document }, at) => [
      `Policy${at + 1}`,
      {
        Type: "AWS::IAM::ManagedPolicy",
        Properties: {
          Description: `What deploying ${of.project} with Cauce needs`,
          PolicyDocument: anywhere(document, of.region),
        },
      },
    ],
  );
}

/** Stands for the stack's own; the region is as long as any, because policies are cut by their length. */
const PLACE = { account: "999999999999", region: "ap-southeast-9" };

function anywhere(value: unknown, region: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => anywhere(one, region));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, anywhere(one, region)]));
  if (typeof value !== "string") return value;
  const text = value
    .replaceAll("${", "${!")
    .replaceAll(PLACE.account, "${AWS::AccountId}")
    .replaceAll(PLACE.region, region ?? "${AWS::Region}")
    .replaceAll("arn:aws:", "arn:${AWS::Partition}:");
  return text === value ? value : { "Fn::Sub": text };
}

function role(of: RoleFor, policies: readonly string[]): object {
  const { issuer, project } = of;
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: roleName(of),
      Description: `${of.name}, branch ${of.branch}: deploys ${project}`,
      MaxSessionDuration: 7200,
      ManagedPolicyArns: policies.map((id) => ({ Ref: id })),
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Federated: { "Fn::If": ["MakesProvider", { Ref: "Provider" }, { Ref: "ProviderArn" }] } },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
              StringEquals: { [`${issuer}:aud`]: AUDIENCE },
              StringLike: { [`${issuer}:sub`]: subjects(of) },
            },
          },
        ],
      },
    },
  };
}

/**
 * GitHub: repositories made or renamed since 18 June 2026 say `owner@id/name@id`; ids may stand in `--repository`, then nothing else is trusted.
 * The stars match ids alone: neither an owner nor a repository may have an `@` in its name, nor a branch a colon.
 */
export function subjects({ system, name, branch }: Pick<RoleFor, "system" | "name" | "branch">): string[] {
  if (system === "gitlab") return [`project_path:${name}:ref_type:branch:ref:${branch}`];
  const subject = (repository: string) => `repo:${repository}:ref:refs/heads/${branch}`;
  if (name.includes("@")) return [subject(name)];
  return [subject(name), subject(`${name.replace("/", "@*/")}@*`)];
}
