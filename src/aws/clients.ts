import { Agent } from "node:https";
import type { CloudFormation } from "@aws-sdk/client-cloudformation";
import type { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import type { Lambda } from "@aws-sdk/client-lambda";
import type { S3 } from "@aws-sdk/client-s3";
import type { SageMaker } from "@aws-sdk/client-sagemaker";
import type { STS } from "@aws-sdk/client-sts";
import { CauceError } from "#core";
import { pinned } from "./pinned.ts";
import type { Target } from "./target.ts";

/** The official clients of one target, each loaded when it is first asked for: together they would cost a second of start-up. */
export interface Clients {
  cloudformation(): Promise<CloudFormation>;
  lambda(): Promise<Lambda>;
  logs(): Promise<CloudWatchLogs>;
  s3(): Promise<S3>;
  sagemaker(): Promise<SageMaker>;
  sts(): Promise<STS>;
  /** Closes the connections. */
  dispose(): void;
}

export function clients(target: Target): Clients {
  const config = clientConfig(target);
  // The SDK tells every user of Node 20 to upgrade, on stderr, in six lines: that is for us to know, not for them.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const made: { destroy(): void }[] = [];
  const once = <C extends { destroy(): void }>(load: () => Promise<C>): (() => Promise<C>) => {
    let client: Promise<C> | undefined;
    return () =>
      (client ??= load().then((loaded) => {
        made.push(loaded);
        return loaded;
      }));
  };
  return {
    cloudformation: once(async () => new (await import("@aws-sdk/client-cloudformation")).CloudFormation(config)),
    lambda: once(async () => new (await import("@aws-sdk/client-lambda")).Lambda(config)),
    logs: once(async () => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogs(config)),
    s3: once(
      async () =>
        new (await import("@aws-sdk/client-s3")).S3({ ...config, forcePathStyle: target.endpoint !== undefined }),
    ),
    sagemaker: once(async () => new (await import("@aws-sdk/client-sagemaker")).SageMaker(config)),
    sts: once(async () => new (await import("@aws-sdk/client-sts")).STS(config)),
    dispose() {
      for (const client of made.splice(0)) client.destroy();
    },
  };
}

interface ClientConfig {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly useFipsEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
  readonly requestHandler?: { readonly httpsAgent: Agent };
}

function clientConfig(target: Target): ClientConfig {
  if (target.endpoint === undefined)
    return { region: target.region, ...(target.credentials && { credentials: { ...target.credentials } }) };
  if (target.credentials === undefined) {
    throw new CauceError({
      code: "CredentialsMissing",
      what: `There are no credentials for ${target.endpoint}.`,
      why: "A server of your own is never sent the AWS credentials of the surroundings.",
      fix: "Give the target its own credentials; `cauce env` prints those of the embedded AWS.",
    });
  }
  // Said outright, so that nothing of the surroundings (profiles, AWS_* variables) can send a request elsewhere.
  return {
    region: target.region,
    endpoint: target.endpoint,
    credentials: { ...target.credentials },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    ...(target.ca !== undefined && { requestHandler: { httpsAgent: new Agent(pinned(target.ca)) } }),
  };
}
