import { CauceError, type Explanation } from "#core";
import { AwsAnswer } from "./call.ts";

const UNREACHABLE = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH"];
/** AWS: EC2 says RequestExpired of a clock that is wrong, too. "Error codes for the Amazon EC2 API". */
const EXPIRED = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
/** AWS: what a service says of keys that it does not know; one in a region that is not enabled knows none of the account's. */
const UNKNOWN = [
  "AuthFailure",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidToken",
  "UnrecognizedClientException",
];
const DISABLED = ["OptInRequired", "RegionDisabledException"];
const WRONG = ["CredentialsProviderError", "InvalidSignatureException", "SignatureDoesNotMatch", "TokenProviderError"];
const SKEWED = /RequestTimeTooSkewed|Signature (expired|not yet current)/;

/** AWS: regions that were there before 20 March 2019 are enabled in every account, later ones are asked for. Account Management guide, "Enable or disable AWS Regions". */
const ALWAYS =
  /^(us-(east|west)-[12]|ap-northeast-[123]|ap-south-1|ap-southeast-[12]|ca-central-1|eu-central-1|eu-north-1|eu-west-[123]|sa-east-1|(cn|us-gov|us-iso\w?|eu-isoe)-.*)$/;

interface At {
  readonly region: string;
  readonly endpoint?: string | undefined;
}

/** What a person can act on; everything else, a failing server among it, stays as it is. */
export function explained(error: unknown, target: At): unknown {
  if (!(error instanceof Error) || error instanceof CauceError) return error;
  const found = ofNetwork(error, target) ?? ofCredentials(error, target) ?? ofRequest(error, target);
  return found ? new CauceError(found, { cause: error }) : error;
}

/** Of those, what is wrong with the credentials before anything was asked: undefined when there simply are none. */
export function ofCredentials(error: Error, { endpoint, region }: At): Explanation | undefined {
  const where = whereOf({ endpoint, region });
  const why = error.message;
  const said = `${error.name}: ${error.message}`;
  if (/not authorized to perform:? sts:AssumeRole/i.test(why)) return roleRefused(why);
  if (SKEWED.test(said)) {
    const fix = "Set this machine's clock, and run the same again.";
    return { code: "ClockWrong", what: `${where} finds the time of a request wrong.`, why, fix };
  }
  if (EXPIRED.includes(error.name) || /(session|token).{0,60} (has |is )?expired/i.test(why))
    return expired(where, why, endpoint);
  const optional = endpoint === undefined && !ALWAYS.test(region);
  if (DISABLED.includes(error.name) || (optional && UNKNOWN.includes(error.name))) return disabled(region, why);
  if (![...UNKNOWN, ...WRONG].includes(error.name)) return undefined;
  const fix =
    endpoint === undefined ? "Log in to AWS again, or set AWS_PROFILE." : "Take the keys that `cauce env` prints.";
  return { code: "CredentialsRefused", what: `${where} does not take these credentials.`, why, fix };
}

/** AWS: a HEAD request is refused without a word, so that clients have but a number. S3, "HeadBucket". */
export function isWordless(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof CauceError) return false;
  return [400, 403].includes(statusOf(error)) && (error.message === "" || /^Unknown(Error)?$/.test(error.message));
}

function whereOf({ endpoint, region }: At): string {
  return endpoint ?? `AWS in ${region}`;
}

function ofNetwork(error: Error, { endpoint, region }: At): Explanation | undefined {
  const { code = "" } = error as { code?: string };
  // A server of one's own that is lost is its starter's to explain.
  if (!UNREACHABLE.includes(code) || endpoint !== undefined) return undefined;
  return {
    code: "TargetUnreachable",
    what: `${whereOf({ endpoint, region })} cannot be reached.`,
    why: error.message,
    fix: "Check the network and the region.",
  };
}

function expired(where: string, why: string, endpoint: string | undefined): Explanation {
  const again = endpoint === undefined ? "Log in to AWS again (`aws sso login`, or new keys)" : "Take new keys there";
  return {
    code: "CredentialsExpired",
    what: `The credentials for ${where} have expired.`,
    why,
    fix: `${again}, and run the same again: what was begun goes on there, and what is done already is not done twice.`,
  };
}

function disabled(region: string, why: string): Explanation {
  return {
    code: "RegionDisabled",
    what: `AWS in ${region} does not know this account.`,
    why: `The region has to be enabled for the account, and seems not to be: ${why}`,
    fix: `Enable it (aws account enable-region --region-name ${region}; it takes minutes), or set AWS_REGION to another. If it is enabled, log in again.`,
  };
}

function roleRefused(why: string): Explanation {
  return {
    code: "RoleRefused",
    what: "The role cannot be assumed with these credentials.",
    why,
    fix: "The role's trust policy must name who asks (of a pipeline: its repository and branch), and a user or a role besides needs sts:AssumeRole on it. Or set AWS_PROFILE to another.",
  };
}

/** A request that was understood, and refused. */
function ofRequest(error: Error, target: At): Explanation | undefined {
  const status = statusOf(error);
  if (status < 400 || status >= 500) return undefined;
  const where = whereOf(target);
  if (isWordless(error)) {
    return {
      code: "RefusedWithoutReason",
      what: `${where} refused a request about a bucket or an object, without a reason (${status}).`,
      why: "The credentials are good, so a permission is missing (s3:ListBucket, s3:GetObject), or the bucket is another account's.",
      fix: "Compare what you may do with what `cauce bootstrap aws` prints, or use other credentials.",
    };
  }
  const fix =
    status === 403 || /^(AccessDenied|UnauthorizedOperation)/.test(error.name)
      ? "Ask for the permission that it names, or use other credentials; `cauce bootstrap aws` prints all that are needed."
      : "Correct what it names.";
  const { name: code } = error;
  return { code, what: `${where} refused a request.`, why: error.message, fix };
}

function statusOf(error: Error): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return error instanceof AwsAnswer ? error.status : ($metadata?.httpStatusCode ?? 0);
}
