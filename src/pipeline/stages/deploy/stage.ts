import { allow, attribute, containerStatements, lambdaFunction, objects, ref, role, tags } from "../../resources.ts";
import type { Resource } from "../../template.ts";
import type { Contribution, Stage, StageContext } from "../stage.ts";
import { statements } from "./statements.ts";

/** Deployment follows approval: an event on the approved version starts it, an event on the endpoint finishes it. */
export const deploy: Stage = {
  name: "deploy",
  contribute(at) {
    const name = at.project.name;
    return {
      resources: {
        ...lambdaFunction(at, "deploy", {
          description: `Puts an approved version of ${name} behind its URL`,
          timeout: 180,
          // A model that is laid out for the native scorer is in memory three times.
          memory: 1024,
          environment: {
            ENDPOINT_NAME: at.names.endpoint,
            MODEL_ROLE_ARN: attribute("ModelRole", "Arn"),
            SERVING_WAY: JSON.stringify(at.project.deploy),
            SERVING_URI: at.names.uri("serving"),
          },
          statements: statements(at),
        }),
        ModelRole: role(at, "model", "sagemaker.amazonaws.com", [
          allow("s3:GetObject", [objects(at, "models/*"), objects(at, "predictions/*/in/*")]),
          // Of batch transform jobs.
          allow(["s3:PutObject", "s3:AbortMultipartUpload"], objects(at, "predictions/*/out/*")),
          allow("s3:ListBucket", objects(at), { StringLike: { "s3:prefix": [at.names.key("predictions/*/in/*")] } }),
          ...containerStatements(at),
        ]),
        ...rule(at, "Approved", "A version was approved: deploy it", {
          "detail-type": ["SageMaker Model Package State Change"],
          detail: { ModelPackageGroupName: [at.names.group], ModelApprovalStatus: ["Approved"] },
        }),
        ...(at.project.deploy.on !== "lambda" &&
          rule(at, "Serving", "The endpoint has settled: describe what serves, clear what does not", {
            "detail-type": ["SageMaker Endpoint State Change"],
            detail: { EndpointName: [at.names.endpoint], EndpointStatus: ["IN_SERVICE"] },
          })),
        ...idleRule(at),
      },
      outputs: outputs(at),
    };
  },
};

/** What `status`, and the next `up`, want to know of it. */
function outputs({ project: { deploy }, names }: StageContext): NonNullable<Contribution["outputs"]> {
  return {
    ServingWay: { Description: "How the model is served", Value: JSON.stringify(deploy) },
    ...(deploy.on !== "lambda" && {
      EndpointName: { Description: "The endpoint that serves the model", Value: names.endpoint },
    }),
  };
}

/** Whether anybody still asks is looked at often enough that an endpoint runs not much longer than it may. */
function idleRule(at: StageContext): Readonly<Record<string, Resource>> {
  const { deploy } = at.project;
  if (deploy.on !== "endpoint" || deploy.maxIdle === undefined) return {};
  const minutes = Math.min(15, Math.max(1, Math.floor(deploy.maxIdle / 4)));
  const rate = `rate(${minutes} minute${minutes === 1 ? "" : "s"})`;
  return rule(at, "Idle", "Does anybody still ask? If not, the endpoint goes", rate);
}

function rule(
  at: StageContext,
  id: string,
  description: string,
  when: Readonly<Record<string, unknown>> | string,
): Readonly<Record<string, Resource>> {
  return {
    [`${id}Rule`]: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: `${at.project.name}-${id.toLowerCase()}`,
        Description: description,
        ...(typeof when === "string"
          ? { ScheduleExpression: when }
          : { EventPattern: { source: ["aws.sagemaker"], ...when } }),
        State: "ENABLED",
        Targets: [{ Id: "deploy", Arn: attribute("DeployFunction", "Arn") }],
        ...tags(at),
      },
    },
    [`${id}Permission`]: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        Action: "lambda:InvokeFunction",
        FunctionName: ref("DeployFunction"),
        Principal: "events.amazonaws.com",
        SourceArn: attribute(`${id}Rule`, "Arn"),
      },
    },
  };
}
