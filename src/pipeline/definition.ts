import type { JsonObject, JsonValue } from "#core";

/** SageMaker's pipeline definition, version 2020-12-01: the parts of its grammar that we write. */
export interface PipelineDefinition {
  readonly Version: "2020-12-01";
  readonly Metadata: JsonObject;
  readonly Parameters: readonly { readonly Name: string; readonly Type: "String"; readonly DefaultValue: string }[];
  readonly Steps: readonly Step[];
}

export interface Step {
  readonly Name: string;
  readonly Type: "Lambda" | "Processing" | "Training" | "Condition" | "RegisterModel" | "Fail";
  readonly Arguments: JsonObject;
  readonly FunctionArn?: string;
  readonly OutputParameters?: readonly { readonly OutputName: string; readonly OutputType: "String" }[];
  readonly PropertyFiles?: readonly {
    readonly PropertyFileName: string;
    readonly OutputName: string;
    readonly FilePath: string;
  }[];
  readonly CacheConfig?: { readonly Enabled: boolean; readonly ExpireAfter: string };
  readonly RetryPolicies?: readonly JsonObject[];
  readonly DependsOn?: readonly string[];
}

/** A value that is known when the pipeline runs. */
export function get(path: string): { readonly Get: string } {
  return { Get: path };
}

/** Where a Processing step put one of its outputs. */
export function outputOf(step: string, output: string): { readonly Get: string } {
  return get(`Steps.${step}.ProcessingOutputConfig.Outputs['${output}'].S3Output.S3Uri`);
}

export function join(on: string, ...values: readonly JsonValue[]): JsonObject {
  return { "Std:Join": { On: on, Values: values } };
}

/** A value out of a step's property file, when the pipeline runs. */
export function jsonGet(step: string, file: string, path: string): JsonObject {
  return { "Std:JsonGet": { PropertyFile: get(`Steps.${step}.PropertyFiles.${file}`), Path: path } };
}

/** AWS: a step is not repeated while the addresses of its inputs are the same, so what lies there is content-addressed. */
export const CACHED = { Enabled: true, ExpireAfter: "P30D" } as const;

export const RETRIED: readonly JsonObject[] = [
  { ExceptionType: ["Step.SERVICE_FAULT", "Step.THROTTLING"], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 5 },
];
