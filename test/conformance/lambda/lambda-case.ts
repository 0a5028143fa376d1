import { IAM } from "@aws-sdk/client-iam";
import { Lambda, type CreateFunctionCommandInput } from "@aws-sdk/client-lambda";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { startCauce, type TestServer } from "#test/start-cauce";
import { zipSync } from "fflate";

export interface LambdaCase {
  readonly cauce: TestServer;
  readonly lambda: Lambda;
  readonly logs: CloudWatchLogs;
  readonly iam: IAM;
  /** A role that Lambda may assume and that may write logs. */
  readonly role: string;
  make(name: string, files: Record<string, string>, more?: Partial<CreateFunctionCommandInput>): Promise<void>;
  /** Payload parsed, with what the answer says besides. */
  invoke(name: string, payload?: unknown): Promise<{ error: string | undefined; value: unknown }>;
  /** All messages in a function's log group, in order. */
  messages(name: string): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function toZip(files: Record<string, string>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
}

export async function startLambdaCase(home?: string): Promise<LambdaCase> {
  const cauce = await startCauce(home === undefined ? {} : { home });
  const lambda = new Lambda(cauce.client);
  const logs = new CloudWatchLogs(cauce.client);
  const iam = new IAM(cauce.client);
  const role = await makeRole(iam, "fn", "lambda.amazonaws.com", [
    { Effect: "Allow", Action: "logs:*", Resource: "*" },
  ]);
  return {
    cauce,
    lambda,
    logs,
    iam,
    role,
    async make(name, files, more = {}) {
      const code = { ZipFile: toZip(files) };
      await lambda.createFunction({
        FunctionName: name,
        Role: role,
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Code: code,
        ...more,
      });
    },
    async invoke(name, payload = {}) {
      const { Payload, FunctionError } = await lambda.invoke({ FunctionName: name, Payload: JSON.stringify(payload) });
      return { error: FunctionError, value: JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown };
    },
    async messages(name) {
      const { events = [] } = await logs.filterLogEvents({ logGroupName: `/aws/lambda/${name}` });
      return events.map(({ message = "" }) => message);
    },
    [Symbol.asyncDispose]: () => cauce[Symbol.asyncDispose](),
  };
}

export async function makeRole(
  iam: IAM,
  name: string,
  principal: string | object,
  statements: readonly object[],
): Promise<string> {
  const trust = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: typeof principal === "string" ? { Service: principal } : principal,
        Action: "sts:AssumeRole",
      },
    ],
  };
  const { Role } = await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  if (statements.length > 0)
    await iam.putRolePolicy({ RoleName: name, PolicyName: "inline", PolicyDocument: document });
  return Role?.Arn ?? "";
}

/** Tries until it holds: for what AWS, too, does a moment later. */
export async function eventually<T>(check: () => Promise<T | undefined>, milliseconds = 5000): Promise<T> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const found = await check().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error("It did not come to be in time.");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
