import { canonicalJson, sha256 } from "#core";
import type { PipelineDefinition } from "./definition.ts";
import { xgboostImage } from "./images.ts";
import { FUNCTIONS, type FunctionName, type Names, namesOf, type Place } from "./names.ts";
import { allow, arn, attribute, objects, role, sub, tags } from "./resources.ts";
import { type SettingsOf, settingsOf } from "./settings.ts";
import type { SourceContents } from "./sources/source.ts";
import { stages } from "./stages/index.ts";
import type { Contribution, StageContext } from "./stages/stage.ts";
import type { Resource, Template } from "./template.ts";
import type { ResolvedProject } from "./validate.ts";

/** What the project's files are, by content. */
export interface Contents {
  readonly source: SourceContents;
  /** Of all files of the code prefix together. */
  readonly code: string;
  /** Of the project's own scripts and what lies beside them, when it has some. */
  readonly scripts?: string;
  /** Of each function's zip. */
  readonly functions: Readonly<Record<FunctionName, string>>;
}

/** What a stack and a run of its pipeline are made of, whatever they are for. */
export interface Bringable {
  readonly names: Names;
  readonly template: Template;
  readonly definition: PipelineDefinition;
  /** Changes when a run of the pipeline could come to another result. */
  readonly runFingerprint: string;
  /** Changes when anything of the stack does. */
  readonly fingerprint: string;
}

/** What AWS gets for a project. */
export interface Synth extends Bringable {
  /** `settings.json` of the Python steps. */
  readonly settings: SettingsOf;
  /** Where things must lie before the stack is made: full keys of the bucket, but prefixes for `code`. */
  readonly keys: {
    readonly source: string;
    readonly code: string;
    readonly settings: SettingsOf;
    readonly scripts?: string;
    readonly functions: Readonly<Record<FunctionName, string>>;
  };
}

/** From a project to CloudFormation and SageMaker's own formats. Pure: the same in gives the same out. */
export function synth(project: ResolvedProject, contents: Contents, place: Place): Synth {
  const names = namesOf(project.name, place);
  const settings = settingsOf(project);
  const functions = Object.fromEntries(
    FUNCTIONS.map((name) => [name, names.key("functions", `${contents.functions[name]}.zip`)]),
  ) as Record<FunctionName, string>;
  const keys = {
    source: names.key("data", contents.source.sha256, contents.source.name, ...(contents.source.folder ? [""] : [])),
    code: names.key("code", contents.code, ""),
    settings: {
      prepare: names.key("settings", sha256(settings.prepare), ""),
      evaluate: names.key("settings", sha256(settings.evaluate), ""),
    },
    ...(contents.scripts !== undefined && { scripts: names.key("scripts", contents.scripts, "") }),
    functions,
  };
  const uri = (key: string) => `s3://${names.bucket}/${key}`;
  const at: StageContext = {
    project,
    place,
    names,
    image: project.train.image ?? xgboostImage(place.region),
    functionKeys: functions,
    scriptsUri: keys.scripts === undefined ? undefined : uri(keys.scripts),
    sourceName: contents.source.name,
    source: contents.source,
  };
  const parts = stages.map((stage) => stage.contribute(at));
  const definition: PipelineDefinition = {
    Version: "2020-12-01",
    Metadata: { GeneratedBy: "cauce" },
    Parameters: [
      { Name: "SourceUri", Type: "String", DefaultValue: contents.source.uri ?? uri(keys.source) },
      { Name: "CodeUri", Type: "String", DefaultValue: uri(keys.code) },
      { Name: "SettingsUri", Type: "String", DefaultValue: uri(keys.settings.prepare) },
      { Name: "EvaluateSettingsUri", Type: "String", DefaultValue: uri(keys.settings.evaluate) },
    ],
    Steps: parts.flatMap((part) => part.steps ?? []),
  };
  const template = assemble(at, definition, parts, {
    jobRoles: ["PrepareRole", "TrainRole", "EvaluateRole"],
    calls: ["ExtractFunction"],
    description: `${project.name}: from a table to a URL that predicts (made by Cauce)`,
  });
  const runFingerprint = sha256(canonicalJson([definition, contents.functions.extract])).slice(0, 16);
  return {
    names,
    template,
    definition,
    settings,
    keys,
    runFingerprint,
    fingerprint: String(template.Outputs["Fingerprint"]?.Value),
  };
}

export interface Assembly {
  /** Logical ids of the roles that the pipeline's jobs take. */
  readonly jobRoles: readonly string[];
  /** Logical ids of the functions that it calls. */
  readonly calls: readonly string[];
  readonly description: string;
}

/** One template of what the stages contribute, with the pipeline that runs their steps. */
export function assemble(
  at: StageContext,
  definition: PipelineDefinition,
  parts: readonly Contribution[],
  { jobRoles, calls, description }: Assembly,
): Template {
  const resources: Record<string, Resource> = {
    PipelineRole: pipelineRole(at, jobRoles, calls),
    Pipeline: {
      Type: "AWS::SageMaker::Pipeline",
      DependsOn: [...calls, "Group", ...jobRoles],
      Properties: {
        PipelineName: at.names.pipeline,
        PipelineDisplayName: at.names.pipeline,
        PipelineDefinition: { PipelineDefinitionBody: JSON.stringify(definition) },
        RoleArn: attribute("PipelineRole", "Arn"),
        ...tags(at),
      },
    },
    ...Object.assign({}, ...parts.map((part) => part.resources)),
  };
  const outputs = {
    PipelineName: { Description: "The SageMaker pipeline", Value: at.names.pipeline },
    BucketName: { Description: "Where the project's objects lie", Value: at.names.bucket },
    ...(Object.assign({}, ...parts.map((part) => part.outputs)) as Template["Outputs"]),
  };
  const fingerprint = sha256(canonicalJson([resources, outputs])).slice(0, 16);
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: description,
    Resources: resources,
    Outputs: {
      ...outputs,
      Fingerprint: { Description: "Of this template, to see that nothing has changed", Value: fingerprint },
    },
  };
}

function pipelineRole(at: StageContext, jobRoles: readonly string[], calls: readonly string[]): Resource {
  const jobs = [arn("sagemaker", "processing-job/pipelines-*"), arn("sagemaker", "training-job/pipelines-*")];
  return role(at, "pipeline", "sagemaker.amazonaws.com", [
    // AWS: pipelines tag the jobs that they make.
    allow(
      ["Create", "Describe", "Stop"]
        .flatMap((verb) => [`sagemaker:${verb}ProcessingJob`, `sagemaker:${verb}TrainingJob`])
        .concat("sagemaker:AddTags"),
      jobs,
    ),
    allow(
      ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:AddTags"],
      [
        arn("sagemaker", `model-package/${at.names.group}/*`),
        arn("sagemaker", `model-package-group/${at.names.group}`),
      ],
    ),
    ...(calls.length === 0
      ? []
      : [
          allow(
            "lambda:InvokeFunction",
            sub(
              `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${at.names.functions.extract}`,
            ),
          ),
        ]),
    allow(
      "iam:PassRole",
      jobRoles.map((id) => attribute(id, "Arn")),
      { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    ),
    // AWS: a property file is read as this role.
    allow("s3:GetObject", objects(at, "runs/*")),
  ]);
}
