export {
  type AccountPlan,
  applyPolicies,
  type Bootstrapped,
  type Cost,
  type CostLine,
  deployModel,
  destroy,
  dollars,
  type Facts,
  foreseenCost,
  type Granting,
  hostCost,
  LOGGED,
  type Logged,
  logs,
  type LogLine,
  type Kept,
  type ManagedPolicy,
  plan,
  planHost,
  type Plan,
  policiesFor,
  type Purpose,
  type Prediction,
  predictRows,
  type Progress,
  status,
  type Status,
  type StepName,
  type Summary,
  type Total,
  unitPrice,
  up,
} from "#pipeline";
export { readTrust } from "./bootstrap.ts";
export { type Embedded, findServer, killedServer, requireServer, stopServer } from "./background.ts";
export { type CiFiles, type CiSystem, makeCi, SYSTEMS, writeCi } from "./ci/make.ts";
export { writeCiReport } from "./ci/write-report.ts";
export { type Config, readConfig } from "./config.ts";
export { readModel } from "./deploy-model.ts";
export { type Check, diagnose } from "./diagnose.ts";
export { predictionFile } from "./prediction-file.ts";
export { bringEc2, hasEc2, removeEc2, removeEmptyHost } from "./ec2.ts";
export { init } from "./init.ts";
export { type Answer, ask, describeModel, exampleIn, readBody } from "./invoke.ts";
export { hasProject, type LoadedProject, loadProject, type TableFlags } from "./load-project.ts";
export { holdProject } from "./project-lock.ts";
export { explainServer } from "./server-trouble.ts";
export { serve } from "./serve.ts";
export { readServeFlags } from "./serve-flags.ts";
export { readCredentials } from "./server-file.ts";
export { confirmChange } from "./confirm.ts";
export { cacheFolder, type Destination, type DestinationOptions, openDestination } from "./destination.ts";
export { type TargetName, TARGETS } from "./profiles.ts";
export { projectsThere, whichProject } from "./which-project.ts";
export { writeSynth } from "./write-synth.ts";
