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
export { bucketOf, FUNCTIONS, type FunctionName, type Names, namesOf, type Place, stagedName } from "./names.ts";
export type { PipelineDefinition, Step } from "./definition.ts";
export { type Contents, synth, type Synth } from "./synth.ts";
export type { Resource, Template } from "./template.ts";
export { projectNameFrom, type ResolvedProject, resolveProject } from "./validate.ts";
export { gather, type Gathered, type Places } from "./assets.ts";
export { fetchResults } from "./ci/results.ts";
export { deployModel } from "./deploy-model.ts";
export type { GivenModel } from "./deploy-model-files.ts";
export { bringHost, consoleOf, findHost, type Host, type HostWishes, planHost, removeHost } from "./ec2/bring-host.ts";
export { hostPlace } from "./ec2/host.ts";
export { destroy, type DestroyOptions, type Kept } from "./destroy.ts";
export { type LogLine, logs } from "./logs.ts";
export {
  applyPolicies,
  type BootstrapOptions,
  type Bootstrapped,
  deployPolicies,
  deployStatements,
  type Granting,
  hostStatements,
  type ManagedPolicy,
  policiesFor,
  type Purpose,
} from "./bootstrap/index.ts";
export {
  type Cost,
  type CostLine,
  DEFAULT_REQUESTS,
  dollars,
  foreseenCost,
  hostCost,
  projectCost,
  type Total,
  unitPrice,
} from "./cost/index.ts";
export type { AccountOptions, AccountPlan } from "./plan-account.ts";
export { comparePlan, plan, type Plan } from "./plan.ts";
export type { Facts, OnProgress, Progress, SetAside, Warning, WatchOptions } from "./progress.ts";
export { type Prediction, type PredictionFormat, predictRows, type PredictRequest } from "./predict/index.ts";
export { run } from "./run.ts";
export { listProjects, status, type Status } from "./status.ts";
export { LOGGED, type Logged, type StepName } from "./steps.ts";
export type { Summary } from "./summary.ts";
export { up, type UpOptions } from "./up.ts";
export type { Version } from "./versions.ts";
