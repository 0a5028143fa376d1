import { fault } from "./fault.ts";
import type { ServiceModel } from "./model.ts";
import type { Quirks } from "./quirks.ts";
import { parseQuery } from "./bindings.ts";
import { awsQuery } from "./protocols/aws-query.ts";
import { jsonProtocol, restProtocol } from "./protocols/choose.ts";
import { ec2Query } from "./protocols/ec2-query.ts";
import { rpcV2Cbor } from "./protocols/rpc-v2-cbor.ts";
import { createRestMatcher, type RestMatcher } from "./route-rest.ts";
import type { Protocol, WireRequest } from "./wire.ts";
import { hostLabelOf, signedName } from "./route-clues.ts";

export interface RoutedService {
  readonly model: ServiceModel;
  readonly quirks: Quirks;
}

export interface Peek {
  /** `Action` and `Version` of the body when its content type is `application/x-www-form-urlencoded`. */
  readonly formAction?: string;
  readonly formVersion?: string;
}

export interface Route {
  /** The key in the map of services. */
  readonly service: string;
  readonly operation: string;
  readonly protocol: Protocol;
  /** The path's labels, decoded; a bucket that the host named is among them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Throws an `AwsFault` (`UnknownOperationException`, …) when nothing matches; write that with `guessProtocol(request)`. */
export type Router = (request: WireRequest, peek: Peek) => Route;

interface Entry extends RoutedService {
  readonly name: string;
  readonly rest: { readonly protocol: Protocol; readonly match: RestMatcher } | undefined;
}

interface Tables {
  readonly entries: readonly Entry[];
  readonly byTarget: ReadonlyMap<string, Entry>;
  readonly bySigner: ReadonlyMap<string, readonly Entry[]>;
  readonly fallbacks: readonly Entry[];
}

interface Action {
  readonly name: string;
  readonly version: string | undefined;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

export function createRouter(services: ReadonlyMap<string, RoutedService>): Router {
  const tables = index(services);
  return (request, peek) => {
    const target = request.headers["x-amz-target"];
    if (target !== undefined) return byTarget(tables, request, target);
    if (request.headers["smithy-protocol"] === "rpc-v2-cbor") return byServicePath(tables, request);
    const action = actionOf(request, peek);
    if (action) return byAction(tables, request, action);
    const signer = signedName(request);
    const entries = signer === undefined ? tables.fallbacks : tables.bySigner.get(signer);
    if (!entries) throw unknown(`No service here signs its requests as "${signer}".`, 404);
    return byAddress(entries, request);
  };
}

function index(services: ReadonlyMap<string, RoutedService>): Tables {
  const entries: Entry[] = [];
  const targets = new Map<string, Entry>();
  const signers = new Map<string, Entry[]>();
  for (const [name, { model, quirks }] of services) {
    const protocol = restProtocol(model.metadata.protocol);
    const entry = { name, model, quirks, rest: protocol && { protocol, match: createRestMatcher(model) } };
    entries.push(entry);
    const { targetPrefix } = model.metadata;
    if (targetPrefix !== undefined) targets.set(targetPrefix, entry);
    for (const signer of signersOf(entry)) signers.set(signer, [...(signers.get(signer) ?? []), entry]);
  }
  return { entries, byTarget: targets, bySigner: signers, fallbacks: entries.filter(({ quirks }) => quirks.fallback) };
}

function signersOf({ model: { metadata }, quirks }: RoutedService): readonly string[] {
  const own = metadata.signingName ?? metadata.endpointPrefix;
  return [...(own === undefined ? [] : [own]), ...(quirks.signingNames ?? [])];
}

/** `X-Amz-Target: SageMaker.CreateModel` */
function byTarget(tables: Tables, request: WireRequest, target: string): Route {
  const dot = target.lastIndexOf(".");
  const entry = tables.byTarget.get(target.slice(0, Math.max(dot, 0)));
  const operation = target.slice(dot + 1);
  if (!entry || !Object.hasOwn(entry.model.operations, operation))
    throw unknown(`There is no operation ${target} here.`, 400);
  return { service: entry.name, operation, protocol: jsonProtocol(request), labels: NO_LABELS };
}

/** `/service/GraniteServiceVersion20100801/operation/PutMetricData` */
function byServicePath(tables: Tables, request: WireRequest): Route {
  const [, target = "", operation = ""] = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path) ?? [];
  const entry = tables.byTarget.get(target);
  if (!entry || !Object.hasOwn(entry.model.operations, operation)) {
    throw unknown(`There is no operation at ${request.path} here.`, 404);
  }
  return { service: entry.name, operation, protocol: rpcV2Cbor, labels: NO_LABELS };
}

/** `Action=CreateRole&Version=2010-05-08` */
function byAction(tables: Tables, request: WireRequest, action: Action): Route {
  const signer = signedName(request);
  const speakers = (signer === undefined ? tables.entries : (tables.bySigner.get(signer) ?? [])).filter(speaksQuery);
  const versioned = speakers.filter(
    ({ model }) => action.version === undefined || model.metadata.apiVersion === action.version,
  );
  const entry = versioned.find(({ model }) => Object.hasOwn(model.operations, action.name));
  if (entry) {
    const protocol = speaksEc2(entry) ? ec2Query : awsQuery;
    return { service: entry.name, operation: action.name, protocol, labels: NO_LABELS };
  }
  // AWS: the sentence of IAM and CloudFormation.
  const where = action.version === undefined ? "" : ` for version ${action.version}`;
  throw fault("InvalidAction", `Could not find operation ${action.name}${where}`, { status: 400 });
}

function speaksQuery({ model: { metadata } }: Entry): boolean {
  return metadata.protocol === "query" || metadata.protocol === "ec2" || metadata.protocols?.includes("query") === true;
}

function speaksEc2({ model }: Entry): boolean {
  return model.metadata.protocol === "ec2";
}

function actionOf(request: WireRequest, peek: Peek): Action | undefined {
  if (peek.formAction !== undefined) return { name: peek.formAction, version: peek.formVersion };
  if (!/(?:^|&)Action=/.test(request.query)) return undefined;
  const query = new Map(parseQuery(request.query));
  const name = query.get("Action");
  return name === undefined || request.path !== "/" ? undefined : { name, version: query.get("Version") };
}

/** By method and path, in the services that the signature may mean. */
function byAddress(entries: readonly Entry[], request: WireRequest): Route {
  for (const entry of entries) {
    if (!entry.rest) continue;
    const match = entry.rest.match(request, addressOf(entry, request));
    if (match) return { service: entry.name, protocol: entry.rest.protocol, ...match };
  }
  const asked = `${request.method} ${request.path}`;
  // AWS: S3 refuses a method that an address does not take; REST-JSON services know no such operation.
  if (entries.some(({ rest }) => rest?.protocol.name === "rest-xml")) {
    throw fault("MethodNotAllowed", `The specified method is not allowed against this resource: ${asked}`, {
      status: 405,
    });
  }
  throw unknown(`There is no operation at ${asked} here.`, 404);
}

function addressOf(entry: Entry, request: WireRequest): string {
  const host = entry.quirks.hostLabel && hostLabelOf(request, entry.quirks.hostLabel);
  return host === undefined ? request.path : `/${host}${request.path}`;
}

function unknown(message: string, status: number) {
  return fault("UnknownOperationException", message, { status });
}
