import { AwsAnswer, type Caller } from "#aws";
import { CauceError, type Explanation, isRecord, parseJson } from "#core";
import type { SourceFile } from "./together.ts";

/** Where a table is; `Table` and `Query` are of a database. */
export interface SourceEvent {
  readonly SourceUri: string;
  readonly SourceName?: string;
  readonly Table?: string;
  readonly Query?: string;
}

/** What a database server answers, with the password that Secrets Manager keeps: it is asked for at each run and written nowhere. */
export async function fetchRows(
  aws: Caller,
  { SourceUri, SourceName, Table, Query }: SourceEvent,
  folder: string,
  secretId: string,
): Promise<SourceFile> {
  const { readServer } = await import("#databases");
  const { password, user } = await credentialsOf(aws, secretId, SourceUri);
  const fix = "Check the address, the secret, the security groups between the function and the server, and the query.";
  const question = { source: withUser(SourceUri, user), table: Table, query: Query, password };
  const { file, name } = await readServer(question, folder, fix).catch((error: unknown) => {
    // It lies in a bundle of its own, and so does its class of errors.
    const { explanation } = error as { readonly explanation?: Explanation };
    throw explanation ? new CauceError(explanation, { cause: error }) : error;
  });
  return { file, name: SourceName ?? name };
}

/** A password alone, or with a name in JSON, as RDS writes its own secrets. */
async function credentialsOf(
  aws: Caller,
  SecretId: string,
  source: string,
): Promise<{ readonly password: string; readonly user: string | undefined }> {
  const answer = await aws.json("secretsmanager", "GetSecretValue", { SecretId }).catch((error: unknown) => {
    throw error instanceof AwsAnswer ? unread(SecretId, source, error.message) : error;
  });
  const text = answer["SecretString"];
  const parsed = typeof text === "string" ? jsonIn(text) : undefined;
  if (!isRecord(parsed)) {
    if (typeof text === "string" && text !== "") return { password: text, user: undefined };
    throw unread(SecretId, source, "It holds no text.");
  }
  const { password, username } = parsed;
  if (typeof password !== "string") throw unread(SecretId, source, "It is JSON without a `password`.");
  return { password, user: typeof username === "string" ? username : undefined };
}

function jsonIn(text: string): unknown {
  return text.trimStart().startsWith("{") ? parseJson(text) : undefined;
}

function withUser(source: string, user: string | undefined): string {
  if (user === undefined || !URL.canParse(source)) return source;
  const url = new URL(source);
  if (url.username !== "") return source;
  url.username = encodeURIComponent(user);
  return url.toString();
}

function unread(secret: string, source: string, why: string): CauceError {
  return new CauceError({
    code: "SecretUnreadable",
    what: `${source} cannot be read.`,
    why: `The secret ${secret} gave no password. ${why}`,
    fix: 'Put the password into it, as a text or as {"username": …, "password": …}; it must lie in the region of the stack.',
  });
}
