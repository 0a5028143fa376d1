import { stringify } from "yaml";
import { AUDIENCE } from "./gitlab.ts";
import type { CiPlan } from "./pipeline.ts";

export interface RoleFor extends CiPlan {
  readonly system: "github" | "gitlab";
  /** The host that signs the tokens, as its provider is called. */
  readonly issuer: string;
}

/** CloudFormation: the provider of tokens, and a role that one branch of one repository may assume. */
export function roleTemplate(of: RoleFor): string {
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
    Resources: { Provider: provider(of), Role: role(of) },
    Outputs: {
      RoleArn: { Description: "For the variable of the repository", Value: { "Fn::GetAtt": ["Role", "Arn"] } },
    },
  };
  return `${HEAD}${stringify(template, { lineWidth: 0 })}`;
}

const HEAD = `# Made by \`cauce ci\`. Deployed once, by somebody who may make roles:
#   aws cloudformation deploy --stack-name … --template-file … --capabilities CAPABILITY_NAMED_IAM
`;

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

function role(of: RoleFor): object {
  const { issuer, project, stage } = of;
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: `cauce-ci-${project}${stage === undefined ? "" : `-${stage}`}`,
      Description: `${of.name}, branch ${of.branch}: deploys ${project}`,
      MaxSessionDuration: 7200,
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
