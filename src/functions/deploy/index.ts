import { callerFromEnvironment } from "#aws";
import { deployer } from "./deployer.ts";

const env = process.env;
const required = (name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`The variable ${name} of this function is not set.`);
  return value;
};

/** What EventBridge calls when a version is approved and when the endpoint has settled. */
export const handler = deployer(callerFromEnvironment(env), {
  endpoint: required("ENDPOINT_NAME"),
  group: required("GROUP"),
  modelRole: required("MODEL_ROLE_ARN"),
  instanceType: required("INSTANCE_TYPE"),
  instances: Number(required("INSTANCE_COUNT")),
  servingUri: required("SERVING_URI"),
});
