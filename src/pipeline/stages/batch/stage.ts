import { allow, arn, lambdaFunction, objects } from "../../resources.ts";
import type { Stage } from "../stage.ts";

/** What `cauce predict` asks before and after its batch transform job: a table becomes requests, answers become a table. */
export const batch: Stage = {
  name: "batch",
  contribute(at) {
    const inside = at.project.deploy.on === "lambda";
    return {
      resources: lambdaFunction(at, "batch", {
        description: `Reads tables for ${at.project.name} to predict, and puts its answers beside their rows`,
        code: { of: "extract", file: "batch" },
        timeout: 900,
        memory: 3008,
        storage: 10_240,
        environment: inside ? { PREDICT_FUNCTION: at.names.functions.predict } : { ENDPOINT_NAME: at.names.endpoint },
        statements: [
          allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], objects(at, "predictions/*")),
          allow("s3:ListBucket", objects(at), { StringLike: { "s3:prefix": [at.names.key("predictions/*")] } }),
          // Rows that the job could not answer are asked for one by one.
          inside
            ? allow("lambda:InvokeFunction", arn("lambda", `function:${at.names.functions.predict}`))
            : allow("sagemaker:InvokeEndpoint", arn("sagemaker", `endpoint/${at.names.endpoint}`)),
        ],
      }),
    };
  },
};
