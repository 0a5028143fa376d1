import type { JsonObject } from "#core";
import { get, join, jsonGet, outputOf, RETRIED, type Step } from "../../definition.ts";
import { tags } from "../../resources.ts";
import { typeToRegister } from "../../serving-way.ts";
import type { Stage, StageContext } from "../stage.ts";

/** The gate, and behind it the registry: a model that passes becomes a version, one that does not changes nothing. */
export const register: Stage = {
  name: "register",
  contribute(at) {
    return {
      steps: [
        {
          Name: "Gate",
          Type: "Condition",
          Arguments: {
            Conditions: [
              {
                Type: "GreaterThanOrEqualTo",
                LeftValue: jsonGet("Evaluate", "Evaluation", "cauce.gate.passed"),
                RightValue: 1,
              },
            ],
            IfSteps: [registerStep(at) as unknown as JsonObject],
            ElseSteps: [refusal(at) as unknown as JsonObject],
          },
        },
      ],
      resources: {
        // AWS: the group is replaced when its description changes, so it has none that could.
        Group: {
          Type: "AWS::SageMaker::ModelPackageGroup",
          Properties: { ModelPackageGroupName: at.names.group, ...tags(at) },
        },
      },
      outputs: { GroupName: { Description: "The model package group that holds the versions", Value: at.names.group } },
    };
  },
};

function registerStep(at: StageContext): Step {
  const types = typeToRegister(at.project.deploy);
  return {
    Name: "Register",
    Type: "RegisterModel",
    Arguments: {
      ModelPackageGroupName: at.names.group,
      ModelApprovalStatus: at.project.approve === "automatic" ? "Approved" : "PendingManualApproval",
      InferenceSpecification: {
        Containers: [
          {
            Image: at.image,
            ModelDataUrl: get("Steps.Train.ModelArtifacts.S3ModelArtifacts"),
            Environment: { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" },
          },
        ],
        SupportedContentTypes: ["application/json", "text/csv"],
        SupportedResponseMIMETypes: ["application/json"],
        SupportedRealtimeInferenceInstanceTypes: [types],
      },
      ModelMetrics: { ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: evaluation() } } },
      // What the deploy function and people look for; a value takes letters, digits and `_.:/=+-@`.
      CustomerMetadataProperties: {
        task: join("", jsonGet("Evaluate", "Evaluation", "cauce.task")),
        metric: join("", jsonGet("Evaluate", "Evaluation", "cauce.metric")),
        rows: get("Steps.Extract.OutputParameters['Rows']"),
        features: join("/", outputOf("Prepare", "features"), "features.json"),
        evaluation: evaluation(),
      },
    },
    RetryPolicies: RETRIED,
  };
}

function refusal(at: StageContext): Step {
  const { metric, atLeast, atMost } = at.project.evaluate;
  const name = metric ?? "its metric";
  const threshold =
    atLeast !== undefined
      ? `${name} at least ${atLeast}`
      : atMost !== undefined
        ? `${name} at most ${atMost}`
        : "better than the default threshold";
  return {
    Name: "Refuse",
    Type: "Fail",
    Arguments: {
      ErrorMessage: join(
        "",
        `The gate refused the model: it must be ${threshold}, and no worse than the model that serves. Nothing was replaced. What was measured: `,
        evaluation(),
      ),
    },
  };
}

function evaluation(): JsonObject {
  return join("/", outputOf("Evaluate", "evaluation"), "evaluation.json");
}
