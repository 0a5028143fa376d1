import { callerFromEnvironment } from "#aws";
import { answerer } from "./answer.ts";

const env = process.env;

/** What API Gateway calls. */
export const handler = answerer(callerFromEnvironment(env), {
  endpoint: env["ENDPOINT_NAME"] ?? "",
  description: env["DESCRIPTION_URI"] ?? "",
  origins: (env["CORS_ORIGINS"] ?? "").split(" ").filter((origin) => origin !== ""),
});
