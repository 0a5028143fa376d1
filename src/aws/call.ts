import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import { parseJson } from "#core";
import { JSON_SERVICES, type JsonService } from "./json-services.ts";
import { canonicalQuery, encodePath, sign } from "./sigv4.ts";
import { type Credentials, dnsSuffix } from "./target.ts";

/** What follows in the address is the region; beside each, what the signature calls it. */
const HOSTS = {
  "runtime.sagemaker": "sagemaker",
  "api.sagemaker": "sagemaker",
  "application-autoscaling": "application-autoscaling",
  monitoring: "monitoring",
  lambda: "lambda",
  s3: "s3",
  secretsmanager: "secretsmanager",
  servicequotas: "servicequotas",
} as const;
type Host = keyof typeof HOSTS;

/** How a Lambda function reaches AWS: its environment's credentials, and the server that it runs in when there is one. */
export interface Caller {
  /** A JSON operation, e.g. `json("sagemaker", "DescribeEndpoint", {…})`; throws `AwsAnswer`. */
  json(service: JsonService, operation: string, input: object): Promise<Record<string, unknown>>;
  request(request: CallRequest): Promise<CallAnswer>;
  /** Streams an object into a file and answers its entity tag. */
  download(bucket: string, key: string, file: string): Promise<void>;
}

export interface CallRequest {
  /** As in the address. */
  readonly host: Host;
  readonly method: string;
  /** Not encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** AWS refused: its code and its sentence. */
export class AwsAnswer extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

export interface CallerSettings {
  readonly region: string;
  readonly endpoint?: string | undefined;
  /** Asked at every call: Lambda renews them. */
  readonly credentials: () => Credentials;
}

/** The settings that Lambda puts into a function's environment. */
export function callerFromEnvironment(env: Readonly<Record<string, string | undefined>>): Caller {
  return callAws({
    region: env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1",
    endpoint: env["AWS_ENDPOINT_URL"],
    credentials: () => ({
      accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
      ...(env["AWS_SESSION_TOKEN"] && { sessionToken: env["AWS_SESSION_TOKEN"] }),
    }),
  });
}

/** Signed calls over connections that stay open; nothing of the SDK, so that a function starts in milliseconds. */
export function callAws(settings: CallerSettings): Caller {
  const open = opener(settings);

  const request: Caller["request"] = async (call) => {
    try {
      return await collect(await open(call));
    } catch (error) {
      // A kept connection may be closed by the other side just as it is used again.
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
      return collect(await open(call));
    }
  };

  return {
    request,
    async json(service, operation, input) {
      const { host, target, version } = JSON_SERVICES[service];
      const answer = await request({
        host,
        method: "POST",
        path: "/",
        headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${target}.${operation}` },
        body: JSON.stringify(input),
      });
      const parsed = parseJson(answer.body.toString()) as Record<string, unknown> | undefined;
      if (answer.status !== 200) throw refusal(answer, parsed);
      return parsed ?? {};
    },
    async download(bucket, key, file) {
      const response = await open({ host: "s3", method: "GET", path: `/${bucket}/${key}` });
      if (response.statusCode !== 200) {
        const answer = await collect(response);
        throw refusal(answer, undefined);
      }
      await pipeline(response, createWriteStream(file));
    },
  };
}

function opener(settings: CallerSettings): (call: CallRequest) => Promise<IncomingMessage> {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });
  const fixed = settings.endpoint === undefined ? undefined : new URL(settings.endpoint);

  return (call) => {
    const target = fixed ?? new URL(`https://${call.host}.${settings.region}.${dnsSuffix(settings.region)}`);
    const path = encodePath(call.path);
    const headers = sign(
      {
        method: call.method,
        host: target.host,
        path,
        ...(call.query && { query: call.query }),
        ...(call.headers && { headers: call.headers }),
        ...(call.body !== undefined && { body: call.body }),
      },
      {
        service: HOSTS[call.host],
        region: settings.region,
        credentials: settings.credentials(),
        now: new Date(),
      },
    );
    if (call.body !== undefined) headers["content-length"] = String(Buffer.byteLength(call.body));
    const query = canonicalQuery(call.query);
    const secure = target.protocol === "https:";
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? httpsRequest : httpRequest)(
        {
          host: target.hostname,
          port: target.port || (secure ? 443 : 80),
          method: call.method,
          path: query ? `${path}?${query}` : path,
          headers,
          agent: secure ? https : http,
        },
        resolve,
      );
      outgoing.on("error", reject);
      outgoing.end(call.body);
    });
  };
}

function collect(response: IncomingMessage): Promise<CallAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    response.on("data", (part: Buffer) => parts.push(part));
    response.on("error", reject);
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
    );
  });
}

/** What AWS says of a call that it refuses, in JSON or XML. */
export function refusal(
  answer: Pick<CallAnswer, "status" | "body">,
  parsed: Record<string, unknown> | undefined,
): AwsAnswer {
  const text = answer.body.toString();
  const code = String(parsed?.["__type"] ?? /<Code>([^<]+)</.exec(text)?.[1] ?? `Http${answer.status}`).replace(
    /^.*#/,
    "",
  );
  const message = String(
    parsed?.["message"] ?? parsed?.["Message"] ?? /<Message>([^<]+)</.exec(text)?.[1] ?? text.slice(0, 300),
  );
  return new AwsAnswer(code, answer.status, message);
}
