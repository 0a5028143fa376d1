export {
  type ApiSettings,
  type DataSettings,
  defineProject,
  type DeploySettings,
  type EvaluateSettings,
  type FeatureKind,
  type Metric,
  type PrepareSettings,
  type Project,
  type TrainSettings,
} from "./define.ts";
export { bucketOf, FUNCTIONS, type FunctionName, type Names, namesOf, type Place } from "./names.ts";
export type { PipelineDefinition, Step } from "./definition.ts";
export { type Contents, synth, type Synth } from "./synth.ts";
export type { Resource, Template } from "./template.ts";
export { projectNameFrom, type ResolvedProject, resolveProject } from "./validate.ts";
