import type { CallAnswer, Caller } from "#aws";
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
  readonly endpoint: string;
  /** The object that describes what serves. */
  readonly description: string;
  readonly origins: readonly string[];
}

// AWS: Lambda takes 6 MB and so does InvokeEndpoint; the proxy's envelope and base64 need the rest.
const MAX_BYTES = 4_500_000;

/** Thin on purpose: size, JSON and shape are checked here, fields by the model itself, because two versions may serve at once. */
export function answerer(aws: Caller, settings: PredictSettings): (event: ProxyEvent) => Promise<ProxyAnswer> {
  return async (event) => {
    const respond = responder(settings, event);
    if (event.httpMethod === "GET") return describe(aws, settings, respond);
    if (event.httpMethod !== "POST")
      return respond(
        405,
        problem("MethodNotAllowed", `${event.httpMethod} is not answered here: POST asks the model, GET describes it.`),
      );
    return predict(aws, settings, event, respond);
  };
}

type Respond = (status: number, body: string, headers?: Readonly<Record<string, string>>) => ProxyAnswer;

async function predict(
  aws: Caller,
  settings: PredictSettings,
  event: ProxyEvent,
  respond: Respond,
): Promise<ProxyAnswer> {
  const body = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString("utf8") : (event.body ?? "");
  const type = header(event, "content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const csv = type === "text/csv";
  const refused = refuse(body, csv, type);
  if (refused) return respond(refused.status, refused.body);
  let answer: CallAnswer;
  try {
    answer = await aws.request({
      host: "runtime.sagemaker",
      method: "POST",
      path: `/endpoints/${settings.endpoint}/invocations`,
      // AWS: exactly these, without parameters: the container parses nothing else, and data capture keeps only these as text.
      headers: { "content-type": csv ? "text/csv" : "application/json", accept: "application/json" },
      body,
    });
  } catch (error) {
    console.error("InvokeEndpoint could not be reached", error);
    return respond(502, problem("EndpointUnreachable", "The model could not be reached. Try again in a moment."));
  }
  if (answer.status === 200) return respond(200, answer.body.toString());
  return explain(answer, settings, respond);
}

/** What a client says when it was told nothing: `curl -d` and plain forms. Their bodies are read as JSON. */
const UNSAID = [undefined, "", "application/json", "application/x-www-form-urlencoded", "text/plain"];

/** What can be said without the model. */
function refuse(
  body: string,
  csv: boolean,
  type: string | undefined,
): { readonly status: number; readonly body: string } | undefined {
  if (body.length > MAX_BYTES || Buffer.byteLength(body) > MAX_BYTES) {
    return { status: 413, body: problem("TooLarge", "The body is larger than 4.5 MB. Send fewer records at a time.") };
  }
  if (body.trim() === "") {
    return {
      status: 400,
      body: problem(
        "EmptyBody",
        "The request has no body. Send a JSON object with the model's fields, or an array of them.",
      ),
    };
  }
  if (csv) return undefined;
  const value = parseJson(body);
  if (value === undefined && !UNSAID.includes(type)) {
    const message = `The content type "${type}" is not supported. Send application/json, or text/csv with a header.`;
    return { status: 415, body: problem("UnsupportedContentType", message) };
  }
  if (value === undefined) return { status: 400, body: problem("InvalidJson", "The body is not valid JSON.") };
  if (isRecord(value) || Array.isArray(value)) return undefined;
  return {
    status: 400,
    body: problem("WrongShape", `The body must be an object or an array of objects, but it is ${nameOf(value)}.`),
  };
}

function explain(answer: CallAnswer, settings: PredictSettings, respond: Respond): ProxyAnswer {
  const text = answer.body.toString();
  const parsed = parseJson(text);
  const fault = isRecord(parsed) ? parsed : {};
  const code = String(answer.headers["x-amzn-errortype"] ?? fault["__type"] ?? "").replace(/^.*#|:.*$/g, "");
  if (code === "ModelError") return explainModel(fault, respond);
  const message = String(fault["message"] ?? fault["Message"] ?? text.slice(0, 300));
  console.error(`InvokeEndpoint answered ${answer.status} ${code}: ${message}`);
  if (code === "ValidationError" || code === "ValidationException" || answer.status === 404) {
    return respond(
      503,
      problem(
        "NotDeployed",
        `No model serves as "${settings.endpoint}" at this moment. It may still be starting, or may have been removed.`,
      ),
    );
  }
  if (answer.status === 429 || code === "ServiceUnavailable" || code === "ThrottlingException") {
    const busy = problem("Busy", "The model has more requests than it can answer. Try again in a moment.");
    return respond(503, busy, { "Retry-After": String(answer.headers["retry-after"] ?? 1) });
  }
  return respond(502, problem("EndpointFailed", "The model could not be asked. The log of this function says why."));
}

/** What the container said: its own refusal goes to the caller as it is, its failures only to the log. */
function explainModel(fault: Readonly<Record<string, unknown>>, respond: Respond): ProxyAnswer {
  const status = Number(fault["OriginalStatusCode"]);
  const original = String(fault["OriginalMessage"] ?? "");
  if (status >= 400 && status < 500) {
    const json = isRecord(parseJson(original));
    return respond(
      status,
      json ? original : problem("Refused", original.slice(0, 500) || "The model refused the request."),
    );
  }
  console.error(`The model failed (${status}): ${original.slice(0, 2000)}`);
  return respond(502, problem("ModelFailed", "The model failed to answer. Its log says why."));
}

async function describe(aws: Caller, settings: PredictSettings, respond: Respond): Promise<ProxyAnswer> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(settings.description) ?? [];
  try {
    const answer = await aws.request({ host: "s3", method: "GET", path: `/${bucket}/${key}` });
    if (answer.status === 200) return respond(200, answer.body.toString());
    if (answer.status === 404 || answer.status === 403) {
      return respond(503, problem("NotDeployed", `No model has been deployed as "${settings.endpoint}" yet.`));
    }
    console.error(`The description answered ${answer.status}: ${answer.body.toString().slice(0, 500)}`);
  } catch (error) {
    console.error("The description could not be read", error);
  }
  return respond(
    502,
    problem("DescriptionUnreachable", "The model's description could not be read. Try again in a moment."),
  );
}

function responder(settings: PredictSettings, event: ProxyEvent): Respond {
  const cors = corsHeaders(settings.origins, header(event, "origin"));
  return (statusCode, body, headers) => ({
    statusCode,
    headers: { "Content-Type": "application/json", ...headers, ...cors },
    body,
  });
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

function problem(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

function nameOf(value: unknown): string {
  return value === null ? "null" : typeof value === "string" ? "a text" : `a ${typeof value}`;
}
