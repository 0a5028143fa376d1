import {
  allow,
  arn,
  attribute,
  containerStatements,
  lambdaFunction,
  objects,
  ref,
  role,
  tags,
} from "../../resources.ts";
import type { Resource } from "../../template.ts";
import type { Stage, StageContext } from "../stage.ts";

/** Deployment follows approval: an event on the approved version starts it, an event on the endpoint finishes it. */
export const deploy: Stage = {
  name: "deploy",
  contribute(at) {
    const name = at.project.name;
    return {
      resources: {
        ...lambdaFunction(at, "deploy", {
          description: `Puts an approved version of ${name} behind its endpoint`,
          timeout: 120,
          memory: 512,
          environment: {
            ENDPOINT_NAME: at.names.endpoint,
            GROUP: at.names.group,
            MODEL_ROLE_ARN: attribute("ModelRole", "Arn"),
            INSTANCE_TYPE: at.project.deploy.type,
            INSTANCE_COUNT: String(at.project.deploy.instances),
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
        ...rule(at, "Serving", "The endpoint has settled: describe what serves, clear what does not", {
          "detail-type": ["SageMaker Endpoint State Change"],
          detail: { EndpointName: [at.names.endpoint], EndpointStatus: ["IN_SERVICE"] },
        }),
      },
      outputs: { EndpointName: { Description: "The endpoint that serves the model", Value: at.names.endpoint } },
    };
  },
};

function statements(at: StageContext) {
  const name = at.project.name;
  const models = arn("sagemaker", `model/${name}-*`);
  const configs = arn("sagemaker", `endpoint-config/${name}-*`);
  const endpoint = arn("sagemaker", `endpoint/${at.names.endpoint}`);
  return [
    allow(["sagemaker:CreateModel", "sagemaker:DeleteModel", "sagemaker:AddTags"], models),
    allow(["sagemaker:CreateEndpointConfig", "sagemaker:DeleteEndpointConfig", "sagemaker:AddTags"], configs),
    // AWS: creating and updating an endpoint is allowed on the endpoint and on its configuration.
    allow(["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"], [endpoint, configs]),
    allow(["sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint", "sagemaker:AddTags"], endpoint),
    allow("sagemaker:DescribeModelPackage", arn("sagemaker", `model-package/${at.names.group}/*`)),
    // AWS: a list cannot be limited to a resource. Service authorization reference, Amazon SageMaker.
    allow("sagemaker:ListEndpointConfigs", "*"),
    allow("iam:PassRole", attribute("ModelRole", "Arn"), {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    allow("s3:GetObject", [objects(at, "runs/*"), objects(at, "serving/*")]),
    allow(["s3:PutObject", "s3:DeleteObject"], objects(at, "serving/*")),
  ];
}

function rule(
  at: StageContext,
  id: string,
  description: string,
  pattern: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Resource>> {
  return {
    [`${id}Rule`]: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: `${at.project.name}-${id.toLowerCase()}`,
        Description: description,
        EventPattern: { source: ["aws.sagemaker"], ...pattern },
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
