import { join } from "node:path";
import { callerFromEnvironment } from "#aws";
import { deployer } from "./deployer.ts";
import type { ServingWay } from "./settings.ts";

const env = process.env;
const required = (name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`The variable ${name} of this function is not set.`);
  return value;
};

/** What EventBridge calls when a version is approved, when the endpoint has settled, and to look whether anybody still asks. */
export const handler = deployer(callerFromEnvironment(env), {
  endpoint: required("ENDPOINT_NAME"),
  modelRole: required("MODEL_ROLE_ARN"),
  way: JSON.parse(required("SERVING_WAY")) as ServingWay,
  servingUri: required("SERVING_URI"),
  modules: join(__dirname, "python"),
});
