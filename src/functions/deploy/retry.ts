import { setTimeout as sleep } from "node:timers/promises";
import { AwsAnswer, type Caller } from "#aws";

/** A SageMaker operation, by its name. */
export type Ask = (operation: string, input: object) => Promise<Record<string, unknown>>;

const PASSING = [
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "ServiceUnavailable",
  "InternalFailure",
  "InternalServerError",
];

/** Tries again what passes by itself: throttling, a service in trouble, and what has been made but is not seen everywhere yet. */
export function retrying(aws: Caller, pause = 250): Ask {
  return async (operation, input) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await aws.json("sagemaker", operation, input);
      } catch (error) {
        if (attempt >= 5 || !passes(error, operation)) throw error;
        await sleep(pause * 2 ** attempt);
      }
    }
  };
}

function passes(error: unknown, operation: string): boolean {
  if (!(error instanceof AwsAnswer)) return false;
  if (error.status >= 500 || PASSING.includes(error.code)) return true;
  // AWS: "the response to a read might not reflect the results of a recently completed write". CreateEndpoint, API reference.
  return (
    (operation === "CreateEndpoint" || operation === "UpdateEndpoint") &&
    /could not find endpoint config/i.test(error.message)
  );
}
