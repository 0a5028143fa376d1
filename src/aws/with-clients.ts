import { CauceError } from "#core";
import { AwsAnswer } from "./call.ts";
import { type Clients, clients } from "./clients.ts";
import type { Target } from "./target.ts";

/** Lends a target's clients, closes their connections, and says what AWS's refusals mean for the person who asked. */
export async function withClients<T>(target: Target, work: (aws: Clients) => Promise<T>): Promise<T> {
  const aws = clients(target);
  try {
    return await work(aws);
  } catch (error) {
    throw explained(error, target);
  } finally {
    aws.dispose();
  }
}

const UNREACHABLE = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH"];
const KEYS = [
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
];

/** What a person can act on; everything else, a failing server among it, stays as it is. */
export function explained(error: unknown, target: Pick<Target, "endpoint" | "region">): unknown {
  if (!(error instanceof Error) || error instanceof CauceError) return error;
  const where = target.endpoint ?? `AWS in ${target.region}`;
  const { code = "" } = error as { code?: string };
  // A server of one's own that is lost is its starter's to explain.
  if (UNREACHABLE.includes(code) && target.endpoint === undefined) {
    const fix = "Check the network and the region.";
    return new CauceError(
      { code: "TargetUnreachable", what: `${where} cannot be reached.`, why: error.message, fix },
      { cause: error },
    );
  }
  if (error.name === "CredentialsProviderError" || KEYS.includes(error.name)) {
    const fix =
      target.endpoint === undefined
        ? "Log in to AWS again, or set AWS_PROFILE."
        : "Take the keys that `cauce env` prints.";
    return new CauceError(
      { code: "CredentialsRefused", what: `${where} does not take these credentials.`, why: error.message, fix },
      { cause: error },
    );
  }
  return refused(error, where);
}

/** A request that was understood, and refused. */
function refused(error: Error, where: string): unknown {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = error instanceof AwsAnswer ? error.status : ($metadata?.httpStatusCode ?? 0);
  if (status < 400 || status >= 500) return error;
  const fix =
    status === 403 ? "Ask for the permission that it names, or use other credentials." : "Correct what it names.";
  return new CauceError(
    { code: error.name, what: `${where} refused a request.`, why: error.message, fix },
    { cause: error },
  );
}
