import type { Caller } from "#aws";
import { isRecord } from "#core";
import { findObject } from "./objects.ts";
import type { Ask } from "./retry.ts";

/** What is needed of a model package. */
export interface Version {
  readonly arn: string;
  readonly number: number;
  readonly approval: string;
  readonly container: {
    readonly Image: string;
    readonly ModelDataUrl: string;
    readonly Environment: Readonly<Record<string, string>>;
  };
  /** Where its features.json and evaluation.json lie, when the pipeline made it. */
  readonly featuresUri: string | undefined;
  readonly evaluationUri: string | undefined;
}

export async function readPackage(ask: Ask, ModelPackageName: string): Promise<Version> {
  const found = await ask("DescribeModelPackage", { ModelPackageName });
  const specification = isRecord(found["InferenceSpecification"]) ? found["InferenceSpecification"] : {};
  const [container] = Array.isArray(specification["Containers"]) ? (specification["Containers"] as unknown[]) : [];
  if (!isRecord(container)) throw new Error(`The model package ${ModelPackageName} has no container.`);
  const metadata = isRecord(found["CustomerMetadataProperties"]) ? found["CustomerMetadataProperties"] : {};
  return {
    arn: String(found["ModelPackageArn"]),
    number: Number(found["ModelPackageVersion"]),
    approval: String(found["ModelApprovalStatus"]),
    container: {
      Image: String(container["Image"]),
      ModelDataUrl: String(container["ModelDataUrl"]),
      Environment: (container["Environment"] as Record<string, string> | undefined) ?? {},
    },
    featuresUri: metadata["features"] as string | undefined,
    evaluationUri: metadata["evaluation"] as string | undefined,
  };
}

/** What GET answers: what the model takes, what it gives, and how good it was on rows it had never seen. */
export async function describeVersion(aws: Caller, name: string, version: Version): Promise<Record<string, unknown>> {
  const features = version.featuresUri === undefined ? undefined : await findObject(aws, version.featuresUri);
  const evaluation = version.evaluationUri === undefined ? undefined : await findObject(aws, version.evaluationUri);
  const target = isRecord(features?.["target"]) ? features["target"] : {};
  const measured = isRecord(evaluation?.["cauce"]) ? evaluation["cauce"] : {};
  const fields = (Array.isArray(features?.["fields"]) ? features["fields"] : []) as Record<string, unknown>[];
  return {
    name,
    version: version.number,
    target: target["name"],
    task: target["task"],
    classes: target["classes"],
    positive: target["positive"],
    fields: fields.map(({ missing: _missing, ...field }) => field),
    unknownFields: features?.["unknownFields"],
    metrics: measured["metrics"],
    testRows: measured["rows"],
    example: Object.fromEntries(fields.map((field) => [String(field["name"]), field["example"] ?? null])),
  };
}
