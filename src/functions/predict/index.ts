import { callerFromEnvironment } from "#aws";
import { answerer } from "./answer.ts";
import { endpointDoor } from "./endpoint-door.ts";
import { ownModel } from "./own-model.ts";
import { waker } from "./wake.ts";

const env = process.env;
const aws = callerFromEnvironment(env);
const endpoint = env["ENDPOINT_NAME"] ?? "";
const servingUri = env["SERVING_URI"] ?? "";
const serves = env["SERVED_BY"];
const deployFunction = env["DEPLOY_FUNCTION"];

const own = ownModel(aws, { endpoint, servingUri });
if (serves === "lambda") own.warm();

/** What API Gateway calls. */
export const handler = answerer(
  serves === "lambda"
    ? own
    : endpointDoor(aws, {
        endpoint,
        own,
        wake: deployFunction ? waker(aws, { servingUri, deployFunction }) : undefined,
      }),
  {
    origins: (env["CORS_ORIGINS"] ?? "").split(" ").filter((origin) => origin !== ""),
    // AWS: a serverless endpoint takes 4 MB (developer guide, "Deploy models with Amazon SageMaker Serverless Inference").
    ...(serves === "serverless" && { maxBytes: 4_000_000 }),
  },
);
