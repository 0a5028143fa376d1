import { isRecord, parseJson } from "#core";

/** The part of API Gateway's proxy event that is read. */
export interface ProxyEvent {
  readonly httpMethod: string;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PredictSettings {
  readonly origins: readonly string[];
  readonly maxBytes?: number;
}

/** What answers behind the URL: an endpoint, or this function by itself. */
export interface Door {
  /** Never throws: what cannot be answered is said with its status. */
  predict(body: string, type: "application/json" | "text/csv"): Promise<Said>;
  describe(): Promise<Said>;
}

export interface Said {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

// AWS: Lambda takes 6 MB and so does InvokeEndpoint; the proxy's envelope and base64 need the rest.
const MAX_BYTES = 4_500_000;

/** Thin on purpose: size, JSON and shape are checked here, fields by the model itself, because two versions may serve at once. */
export function answerer(door: Door, settings: PredictSettings): (event: ProxyEvent) => Promise<ProxyAnswer> {
  return async (event) => {
    const { status, body, headers } = await answer(door, settings, event);
    const cors = corsHeaders(settings.origins, header(event, "origin"));
    return { statusCode: status, headers: { "Content-Type": "application/json", ...headers, ...cors }, body };
  };
}

async function answer(door: Door, { maxBytes = MAX_BYTES }: PredictSettings, event: ProxyEvent): Promise<Said> {
  if (event.httpMethod === "GET") return door.describe();
  if (event.httpMethod !== "POST") {
    const message = `${event.httpMethod} is not answered here: POST asks the model, GET describes it.`;
    return problem(405, "MethodNotAllowed", message);
  }
  const body = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString("utf8") : (event.body ?? "");
  const type = header(event, "content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const csv = type === "text/csv";
  if (body.length > maxBytes || Buffer.byteLength(body) > maxBytes) {
    const message = `The body is larger than ${maxBytes / 1_000_000} MB. Send fewer records at a time.`;
    return problem(413, "TooLarge", message);
  }
  return refuse(body, csv, type) ?? door.predict(body, csv ? "text/csv" : "application/json");
}

/** What a client says when it was told nothing: `curl -d` and plain forms. Their bodies are read as JSON. */
const UNSAID = [undefined, "", "application/json", "application/x-www-form-urlencoded", "text/plain"];

/** What can be said without the model. */
function refuse(body: string, csv: boolean, type: string | undefined): Said | undefined {
  if (body.trim() === "") {
    const message = "The request has no body. Send a JSON object with the model's fields, or an array of them.";
    return problem(400, "EmptyBody", message);
  }
  if (csv) return undefined;
  const value = parseJson(body);
  if (value === undefined && !UNSAID.includes(type)) {
    const message = `The content type "${type}" is not supported. Send application/json, or text/csv with a header.`;
    return problem(415, "UnsupportedContentType", message);
  }
  if (value === undefined) return problem(400, "InvalidJson", "The body is not valid JSON.");
  if (isRecord(value) || Array.isArray(value)) return undefined;
  return problem(400, "WrongShape", `The body must be an object or an array of objects, but it is ${nameOf(value)}.`);
}

/** An error as every answer of the URL has it. */
export function problem(status: number, code: string, message: string, headers?: Said["headers"]): Said {
  return { status, body: JSON.stringify({ error: { code, message } }), ...(headers && { headers }) };
}

function corsHeaders(origins: readonly string[], origin: string | undefined): Readonly<Record<string, string>> {
  if (origins.includes("*")) return { "Access-Control-Allow-Origin": "*" };
  if (origins.length === 0) return {};
  if (origin !== undefined && origins.includes(origin))
    return { "Access-Control-Allow-Origin": origin, Vary: "Origin" };
  return { Vary: "Origin" };
}

function header(event: ProxyEvent, name: string): string | undefined {
  for (const [key, value] of Object.entries(event.headers ?? {})) if (key.toLowerCase() === name) return value;
  return undefined;
}

function nameOf(value: unknown): string {
  return value === null ? "null" : typeof value === "string" ? "a text" : `a ${typeof value}`;
}
