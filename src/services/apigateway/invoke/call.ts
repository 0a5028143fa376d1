import type { WireRequest } from "#protocol";
import type { CompiledStage, Route } from "./compiled-stages.ts";
import type { Scope } from "./template.ts";

/** Query or header: the last value of each name, and all of them. */
export interface Values {
  readonly single: Readonly<Record<string, string>>;
  readonly multi: Readonly<Record<string, readonly string[]>>;
}

/** One request to an invoke URL, with what is asked of it more than once. */
export interface Call {
  readonly stage: CompiledStage;
  readonly request: WireRequest;
  /** Below the stage, as it came. */
  readonly path: string;
  readonly requestId: string;
  readonly extendedId: string;
  readonly traceId: string;
  readonly time: Date;
  readonly route: Route | undefined;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  readonly query: Values | undefined;
  readonly headers: Values;
  readonly body: Buffer;
  /** The body as text. */
  readonly text: string;
  header(lowerCaseName: string): string | undefined;
  /** `requestContext` of proxy events, `$context` of templates. */
  context(): Record<string, unknown>;
  /** For templates; `extra` joins `$context`, `body` stands for the request's. */
  scope(extra?: Readonly<Record<string, unknown>>, body?: string): Scope;
}

type Parts = Pick<Call, "stage" | "request" | "path" | "requestId" | "extendedId" | "traceId" | "time"> & {
  readonly route?: Route;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

const EMPTY = Buffer.alloc(0);

export function createCall(parts: Parts): Call {
  const { request, stage } = parts;
  const body = parts.body ?? EMPTY;
  let query: { readonly values: Values | undefined } | undefined;
  let headers: Values | undefined;
  const call: Call = {
    ...parts,
    route: parts.route,
    pathParameters: parts.pathParameters,
    body,
    get query() {
      return (query ??= { values: toQuery(request.query) }).values;
    },
    get headers() {
      return (headers ??= toHeaders(parts));
    },
    get text() {
      return body.toString("utf8");
    },
    header: (name) => request.headers[name],
    context: () => toContext(call),
    scope: (extra, responseBody) => ({
      context: { ...toContext(call), ...extra, responseOverride: { header: {} } },
      stageVariables: stage.variables ?? {},
      parameters: {
        path: call.pathParameters ?? {},
        querystring: call.query?.single ?? {},
        header: call.headers.single,
      },
      body: responseBody ?? call.text,
    }),
  };
  return call;
}

function toQuery(raw: string): Values | undefined {
  if (raw === "") return undefined;
  const single: Record<string, string> = Object.create(null) as Record<string, string>;
  const multi: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of new URLSearchParams(raw)) add(single, multi, name, value);
  return { single, multi };
}

function add(single: Record<string, string>, multi: Record<string, string[]>, name: string, value: string): void {
  single[name] = value;
  const known = multi[name];
  if (known) known.push(value);
  else multi[name] = [value];
}

/** AWS: what concerns the connection only does not reach an integration. Recorded 2024-07-10. */
const OF_CONNECTION = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "te",
  "upgrade",
  "expect",
  "proxy-connection",
]);

function toHeaders({ request, traceId }: Parts): Values {
  const single: Record<string, string> = Object.create(null) as Record<string, string>;
  const multi: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const spelled = new Map<string, string>();
  const put = (name: string, value: string) => {
    const lower = name.toLowerCase();
    if (OF_CONNECTION.has(lower)) return;
    const known = spelled.get(lower);
    if (known === undefined) spelled.set(lower, name);
    add(single, multi, known ?? name, value);
  };
  const raw = request.rawHeaders ?? Object.entries(request.headers).flat();
  for (let i = 0; i + 1 < raw.length; i += 2) put(raw[i]!, raw[i + 1]!);
  const forwarded = spelled.get("x-forwarded-for");
  const client = clientOf(request);
  const chain = forwarded === undefined ? client : `${single[forwarded]}, ${client}`;
  single[forwarded ?? "X-Forwarded-For"] = chain;
  multi[forwarded ?? "X-Forwarded-For"] = [chain];
  if (!spelled.has("x-forwarded-port")) put("X-Forwarded-Port", request.host.split(":")[1] ?? "80");
  if (!spelled.has("x-forwarded-proto")) put("X-Forwarded-Proto", "http");
  if (!spelled.has("x-amzn-trace-id")) put("X-Amzn-Trace-Id", traceId);
  return { single, multi };
}

/** An IPv4 address stays one, also when it came to a socket for both families. */
function clientOf({ remoteAddress = "127.0.0.1" }: WireRequest): string {
  return remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress;
}

/** The order of members is that of AWS's events. */
function toContext({ stage, request, path, requestId, extendedId, time, route }: Call): Record<string, unknown> {
  return {
    resourceId: route?.resourceId,
    resourcePath: route?.resourcePath,
    httpMethod: request.method,
    extendedRequestId: extendedId,
    requestTime: toRequestTime(time),
    path: `/${stage.name}${path}`,
    accountId: stage.account,
    protocol: "HTTP/1.1",
    stage: stage.name,
    domainPrefix: stage.apiId,
    requestTimeEpoch: time.getTime(),
    requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: clientOf(request),
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: request.headers["user-agent"] ?? null,
      user: null,
    },
    domainName: request.host.replace(/:\d+$/, ""),
    deploymentId: stage.deploymentId,
    apiId: stage.apiId,
  };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `10/Jul/2024:12:28:36 +0000` */
function toRequestTime(time: Date): string {
  const iso = time.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[time.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
