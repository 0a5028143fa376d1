import { callerFromEnvironment } from "#aws";
import { batch } from "./batch.ts";
import { endpointDoor, functionDoor } from "./model-door.ts";

const env = process.env;
const required = (name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`The variable ${name} of this function is not set.`);
  return value;
};

const aws = callerFromEnvironment(env);
const inside = env["PREDICT_FUNCTION"];

/** What stands before and behind a batch transform job: a table becomes requests, answers become a table. */
export const handler = batch(aws, {
  door: inside ? functionDoor(aws, inside) : endpointDoor(aws, required("ENDPOINT_NAME")),
  temporary: "/tmp",
  memoryMegabytes: Number(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] ?? 3008),
});
