export { type Booster, type BoosterOptions, readXgboost } from "./booster.ts";
export { DATE_PATTERNS, type DateFormName, TIME_PATTERN } from "./date-patterns.ts";
export {
  type Feature,
  type Features,
  FEATURES_VERSION,
  type Field,
  type FieldKind,
  type Label,
  readFeatures,
  type Target,
  type Task,
} from "./features.ts";
export type { Answer } from "./answers.ts";
export { createModel, type Model, type Reply } from "./model.ts";
export { InputError, type Problem } from "./problems.ts";
export { compileRequests, type RequestReader } from "./requests.ts";
export { describeModel, type Description, exampleRequest } from "./describe.ts";
export { escapeUnit, figurePattern, type NumberFormat, numberFormat, unitedPattern } from "./units.ts";
export { type BuiltInReply, type BuiltInScorer, createBuiltInScorer } from "./built-in.ts";
