import { fault, hostLabelOf, type WireRequest } from "#protocol";
import { configurationNotFound, invalidRequest, malformedXml } from "./faults.ts";
import { quirks } from "./quirks.ts";
import { requireBucket } from "./require.ts";
import type { CorsRow, S3Context, S3Handlers } from "./state.ts";

export const corsOperations = {
  PutBucketCors(input, ctx) {
    const row = requireBucket(ctx, input);
    const rules = input.CORSConfiguration?.CORSRules ?? [];
    if (rules.length === 0 || rules.length > MOST_RULES) throw malformedXml();
    const cors = rules.map((rule): CorsRow => {
      const { AllowedOrigins: origins = [], AllowedMethods: methods = [], AllowedHeaders: headers } = rule;
      if (origins.length === 0 || methods.length === 0) throw malformedXml();
      for (const method of methods) assertMethod(method);
      for (const pattern of origins) assertPattern(pattern, "AllowedOrigin");
      for (const pattern of headers ?? []) assertPattern(pattern, "AllowedHeader");
      for (const name of rule.ExposeHeaders ?? []) assertExposed(name);
      return {
        origins,
        methods,
        ...(rule.ID !== undefined && { id: rule.ID }),
        ...(headers && { headers }),
        ...(rule.ExposeHeaders && { expose: rule.ExposeHeaders }),
        ...(rule.MaxAgeSeconds !== undefined && { maxAge: rule.MaxAgeSeconds }),
      };
    });
    ctx.tables.buckets.put(input.Bucket, { ...row, cors });
    return {};
  },

  GetBucketCors(input, ctx) {
    const { cors } = requireBucket(ctx, input);
    if (!cors) {
      throw configurationNotFound("NoSuchCORSConfiguration", "The CORS configuration does not exist", input.Bucket);
    }
    return {
      CORSRules: cors.map(({ id, origins, methods, headers, expose, maxAge }) => ({
        AllowedOrigins: [...origins],
        AllowedMethods: [...methods],
        ...(id !== undefined && { ID: id }),
        ...(headers && { AllowedHeaders: [...headers] }),
        ...(expose && { ExposeHeaders: [...expose] }),
        ...(maxAge !== undefined && { MaxAgeSeconds: maxAge }),
      })),
    };
  },

  DeleteBucketCors(input, ctx) {
    const { cors: _, ...row } = requireBucket(ctx, input);
    ctx.tables.buckets.put(input.Bucket, row);
    return {};
  },
} satisfies S3Handlers;

const MOST_RULES = 100;
const METHODS = ["GET", "PUT", "HEAD", "POST", "DELETE"];

function assertMethod(method: string): void {
  if (METHODS.includes(method)) return;
  throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
}

function assertPattern(pattern: string, where: string): void {
  if (pattern.split("*").length <= 2) return;
  throw invalidRequest(`${where} "${pattern}" can not have more than one wildcard.`);
}

function assertExposed(name: string): void {
  if (!name.includes("*")) return;
  throw invalidRequest(
    `ExposeHeader "${name}" contains wildcard. We currently do not support wildcard for ExposeHeader`,
  );
}

/**
 * What a page of another origin is told. Only presigned requests are answered: a page must never reach what the server
 * would do for the machine's own user.
 */
export function crossOrigin(request: WireRequest, ctx: S3Context): Record<string, string> | undefined {
  const { origin } = request.headers;
  const asked = request.headers["access-control-request-method"];
  const isPreflight = request.method === "OPTIONS" && asked !== undefined;
  if (origin === undefined || !isPresigned(request.query)) return undefined;
  const row = ctx.tables.buckets.get(bucketOf(request) ?? "");
  if (!row) return undefined;
  const method = isPreflight ? asked : request.method;
  const wanted = isPreflight ? listOf(request.headers["access-control-request-headers"]) : [];
  const rule = row.cors?.find((one) => allows(one, { origin, method, headers: wanted }));
  if (!rule) throw corsRefused(row.cors !== undefined);
  return headersOf(rule, { origin, wanted, isPreflight });
}

function headersOf(
  { origins, methods, expose = [], maxAge }: CorsRow,
  asked: { readonly origin: string; readonly wanted: readonly string[]; readonly isPreflight: boolean },
): Record<string, string> {
  const everyone = origins.includes("*");
  return {
    "access-control-allow-origin": everyone ? "*" : asked.origin,
    "access-control-allow-methods": methods.join(", "),
    ...(!everyone && { "access-control-allow-credentials": "true" }),
    ...(asked.wanted.length > 0 && { "access-control-allow-headers": asked.wanted.join(", ") }),
    ...(expose.length > 0 && { "access-control-expose-headers": expose.join(", ") }),
    ...(asked.isPreflight && maxAge !== undefined && { "access-control-max-age": String(maxAge) }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

function corsRefused(hasRules: boolean) {
  // AWS: the sentences a preflight gets that no rule allows (user guide, "Testing CORS"), its spelling kept.
  const why = hasRules
    ? "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
    : "CORSResponse: CORS is not enabled for this bucket.";
  return fault("AccessForbidden", why, { status: 403 });
}

function isPresigned(query: string): boolean {
  const parameters = new URLSearchParams(query);
  return parameters.has("X-Amz-Signature") || (parameters.has("Signature") && parameters.has("AWSAccessKeyId"));
}

/** Of the host or of the path, as the router reads them. */
function bucketOf(request: WireRequest): string | undefined {
  const host = quirks.hostLabel && hostLabelOf(request, quirks.hostLabel);
  if (host !== undefined) return host;
  const first = request.path.split("/")[1];
  try {
    return first === undefined ? undefined : decodeURIComponent(first);
  } catch {
    return undefined;
  }
}

function allows(rule: CorsRow, asked: { origin: string; method: string; headers: readonly string[] }): boolean {
  return (
    rule.methods.includes(asked.method) &&
    rule.origins.some((pattern) => isLike(asked.origin, pattern)) &&
    asked.headers.every((name) =>
      (rule.headers ?? []).some((pattern) => isLike(name.toLowerCase(), pattern.toLowerCase())),
    )
  );
}

/** At most one `*`, for any text. */
function isLike(text: string, pattern: string): boolean {
  const [head = "", tail] = pattern.split("*");
  if (tail === undefined) return text === head;
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

function listOf(header: string | undefined): string[] {
  return (header ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
