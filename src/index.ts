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
} from "#pipeline";
