import { type Clients, clients } from "./clients.ts";
import { explained, isWordless } from "./explain.ts";
import type { Target } from "./target.ts";

/** Lends a target's clients, closes their connections, and says what AWS's refusals mean for the person who asked. */
export async function withClients<T>(target: Target, work: (aws: Clients) => Promise<T>): Promise<T> {
  const aws = clients(target);
  try {
    return await work(aws);
  } catch (error) {
    throw explained((isWordless(error) && (await credentialsFailure(aws))) || error, target);
  } finally {
    aws.dispose();
  }
}

/** What is wrong with the credentials, by the one call that anybody may make. */
async function credentialsFailure(aws: Clients): Promise<Error | undefined> {
  try {
    await (await aws.sts()).getCallerIdentity({});
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : undefined;
  }
}
