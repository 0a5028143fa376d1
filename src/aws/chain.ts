import { CauceError, messageOf } from "#core";
import type { Target } from "./target.ts";
import { explained, ofCredentials } from "./explain.ts";

/** A target with what STS says of its credentials. */
export interface ChainTarget extends Target {
  readonly account: string;
  /** The ARN of the user or the assumed role. */
  readonly who: string;
}

/**
 * AWS as its own tools find it: credentials and region from variables, a profile, SSO or a role. `AWS_DEFAULT_REGION` counts, as it does
 * for boto3 and the AWS CLI, though the JavaScript SDK does not read it.
 */
export async function chainTarget(env: NodeJS.ProcessEnv = process.env): Promise<ChainTarget> {
  const { STS } = await import("@aws-sdk/client-sts");
  const said = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"];
  const sts = new STS(said ? { region: said } : {});
  const endpoint = env["AWS_ENDPOINT_URL"] || undefined;
  let region = said ?? "";
  try {
    region = await sts.config.region().catch((cause: unknown) => {
      throw regionMissing(cause);
    });
    const keys = await sts.config.credentials().catch((cause: unknown) => {
      throw notFound(cause, region);
    });
    const { Account, Arn } = await sts.getCallerIdentity({});
    if (!Account || !Arn) throw new Error("GetCallerIdentity answered no account.");
    return {
      name: "aws",
      region,
      account: Account,
      who: Arn,
      // With an address of its own the clients take nothing of the surroundings, so the keys are handed on.
      ...(endpoint && { endpoint, credentials: keys }),
    };
  } catch (error) {
    throw explained(error, { region, ...(endpoint && { endpoint }) });
  } finally {
    sts.destroy();
  }
}

function regionMissing(cause: unknown): CauceError {
  return new CauceError(
    {
      code: "RegionMissing",
      what: "There is no AWS region.",
      why: "Neither AWS_REGION nor the profile names one.",
      fix: "Set AWS_REGION, e.g. export AWS_REGION=eu-west-1, or run `aws configure`.",
    },
    { cause },
  );
}

/** A role that may not be taken and a session that has ended are there; the chain goes on, and says at its end that there is nothing. */
function notFound(cause: unknown, region: string): CauceError {
  const none = cause instanceof Error && /^(CredentialsProviderError|TokenProviderError)$/.test(cause.name);
  const found =
    cause instanceof Error && !(none && !/expired/i.test(cause.message)) && ofCredentials(cause, { region });
  return found ? new CauceError(found, { cause }) : credentialsMissing(cause);
}

function credentialsMissing(cause: unknown): CauceError {
  return new CauceError(
    {
      code: "CredentialsMissing",
      what: "There are no AWS credentials.",
      why: messageOf(cause),
      fix: "Log in (`aws sso login`, `aws configure`), set AWS_PROFILE, or give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    },
    { cause },
  );
}
