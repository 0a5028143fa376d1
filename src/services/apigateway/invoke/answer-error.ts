import type { WireResponse } from "#protocol";
import type { Call } from "./call.ts";
import type { GatewayError, GatewayResponses } from "./gateway-responses.ts";
import { chooseTemplate } from "./template.ts";

/** How the API answers the error: its own response for the type, its default for 4xx or 5xx, or AWS's. */
export function answerError(error: GatewayError, responses: GatewayResponses, call: Call): WireResponse {
  const custom = responses.get(error.type) ?? responses.get(error.status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  const headers: Record<string, string> = { "x-amzn-errortype": error.errorType, "content-type": "application/json" };
  if (!custom) return { status: error.status, headers, body: error.body };
  const scope = call.scope({
    error: { message: error.message, messageString: JSON.stringify(error.message), responseType: error.type },
  });
  for (const { name, read } of custom.headers) {
    const value = read({ call, scope });
    if (value !== undefined) headers[name] = value;
  }
  const chosen = chooseTemplate(custom.templates, call.header("accept"));
  if (chosen && !custom.headers.some(({ name }) => name === "content-type")) headers["content-type"] = chosen.type;
  return { status: custom.status ?? error.status, headers, body: chosen ? chosen.render(scope) : error.body };
}
