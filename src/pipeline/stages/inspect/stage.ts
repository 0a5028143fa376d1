import type { JsonObject } from "#core";
import { get, join, outputOf, RETRIED, type Step } from "../../definition.ts";
import { jobRole, tags } from "../../resources.ts";
import { processingStep } from "../processing.ts";
import { typeToRegister } from "../../serving-way.ts";
import type { Stage, StageContext } from "../stage.ts";

/** A model that exists already is looked at in a job, because a pickle runs code, and registered as a version. */
export function inspect(given: { readonly example: boolean }): Stage {
  return {
    name: "inspect",
    contribute(at) {
      const step = processingStep(at, {
        name: "Inspect",
        script: "inspect_given.py",
        settings: "SettingsUri",
        inputs: { given: get("Parameters.ModelUri"), ...(given.example && { example: get("Parameters.ExampleUri") }) },
        outputs: [],
      });
      return {
        steps: [{ ...step, Arguments: { ...step.Arguments, ProcessingOutputConfig: outputs(at) } }, registerStep(at)],
        resources: {
          InspectRole: jobRole(at, "inspect", ["code", "settings", "given", "example"], ["runs", "models"]),
          Group: {
            Type: "AWS::SageMaker::ModelPackageGroup",
            Properties: { ModelPackageGroupName: at.names.group, ...tags(at) },
          },
        },
        outputs: {
          GroupName: { Description: "The model package group that holds the versions", Value: at.names.group },
          GivenModel: { Description: "The file that the model came in", Value: at.sourceName },
        },
      };
    },
  };
}

/** The model lies where the endpoint's role may read, what describes it where the deploy function may. */
function outputs(at: StageContext): JsonObject {
  const places = { model: at.names.uri("models"), features: at.names.uri("runs") };
  return {
    Outputs: Object.entries(places).map(([name, place]) => ({
      OutputName: name,
      AppManaged: false,
      S3Output: {
        S3Uri: join("/", place, get("Execution.PipelineExecutionId"), "inspect", name),
        LocalPath: `/opt/ml/processing/output/${name}`,
        S3UploadMode: "EndOfJob",
      },
    })),
  };
}

function registerStep(at: StageContext): Step {
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
            ModelDataUrl: join("/", outputOf("Inspect", "model"), "model.tar.gz"),
            Environment: { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" },
          },
        ],
        SupportedContentTypes: ["application/json", "text/csv"],
        SupportedResponseMIMETypes: ["application/json"],
        SupportedRealtimeInferenceInstanceTypes: [typeToRegister(at.project.deploy)],
      },
      CustomerMetadataProperties: { features: join("/", outputOf("Inspect", "features"), "features.json") },
    },
    RetryPolicies: RETRIED,
  };
}
