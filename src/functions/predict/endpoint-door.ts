import type { CallAnswer, Caller } from "#aws";
import { isRecord, parseJson } from "#core";
import { type Door, problem, type Said } from "./answer.ts";
import type { Asked, OwnModel } from "./own-model.ts";

export interface EndpointSettings {
  readonly endpoint: string;
  /** Called when the endpoint sleeps; answers whether it does. */
  readonly wake?: (() => Promise<boolean>) | undefined;
  /** Answers while the project moves from this function to its endpoint. */
  readonly own: OwnModel;
}

/** SageMaker's endpoint answers, and what is wrong with it is told apart from what is wrong with a request. */
export function endpointDoor(aws: Caller, settings: EndpointSettings): Door {
  return {
    async predict(body, type) {
      let answer: CallAnswer;
      try {
        answer = await aws.request({
          host: "runtime.sagemaker",
          method: "POST",
          path: `/endpoints/${settings.endpoint}/invocations`,
          // AWS: exactly these, without parameters: the container parses nothing else, and data capture keeps only these as text.
          headers: { "content-type": type, accept: "application/json" },
          body,
        });
      } catch (error) {
        console.error("InvokeEndpoint could not be reached", error);
        return problem(502, "EndpointUnreachable", "The model could not be reached. Try again in a moment.");
      }
      if (answer.status === 200) return { status: 200, body: answer.body.toString() };
      const said = explain(answer);
      if (said === "absent") return withoutEndpoint(settings, { body, type });
      if (said !== "forbidden") return said;
      // A project that moves into this function: CloudFormation changes its role a moment before itself.
      return (await settings.own.meanwhile({ body, type }, true)) ?? failed();
    },
    describe: () => settings.own.describe(),
  };
}

/** `absent`: there is no such endpoint, or it does not serve. */
function explain(answer: CallAnswer): Said | "absent" | "forbidden" {
  const text = answer.body.toString();
  const parsed = parseJson(text);
  const fault = isRecord(parsed) ? parsed : {};
  const code = String(answer.headers["x-amzn-errortype"] ?? fault["__type"] ?? "").replace(/^.*#|:.*$/g, "");
  if (code === "ModelError") return explainModel(fault);
  const message = String(fault["message"] ?? fault["Message"] ?? text.slice(0, 300));
  console.error(`InvokeEndpoint answered ${answer.status} ${code}: ${message}`);
  if (code === "ValidationError" || code === "ValidationException" || answer.status === 404) return "absent";
  if (answer.status === 403) return "forbidden";
  if (answer.status === 429 || code === "ServiceUnavailable" || code === "ThrottlingException") {
    const after = { "Retry-After": String(answer.headers["retry-after"] ?? 1) };
    return problem(503, "Busy", "The model has more requests than it can answer. Try again in a moment.", after);
  }
  return failed();
}

function failed(): Said {
  return problem(502, "EndpointFailed", "The model could not be asked. The log of this function says why.");
}

/** What the container said: its own refusal goes to the caller as it is, its failures only to the log. */
function explainModel(fault: Readonly<Record<string, unknown>>): Said {
  const status = Number(fault["OriginalStatusCode"]);
  const original = String(fault["OriginalMessage"] ?? "");
  if (status >= 400 && status < 500) {
    if (isRecord(parseJson(original))) return { status, body: original };
    return problem(status, "Refused", original.slice(0, 500) || "The model refused the request.");
  }
  console.error(`The model failed (${status}): ${original.slice(0, 2000)}`);
  return problem(502, "ModelFailed", "The model failed to answer. Its log says why.");
}

async function withoutEndpoint({ endpoint, own, wake }: EndpointSettings, request: Asked): Promise<Said> {
  const meanwhile = await own.meanwhile(request, false);
  if (meanwhile) return meanwhile;
  if (await wake?.()) {
    const message = `Nobody had asked "${endpoint}" for a while, so its endpoint was removed. It is being brought back: try again in a few minutes.`;
    return problem(503, "Asleep", message, { "Retry-After": "30" });
  }
  const message = `No model serves as "${endpoint}" at this moment. It may still be starting, or may have been removed.`;
  return problem(503, "NotDeployed", message);
}
