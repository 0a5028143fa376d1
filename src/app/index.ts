export { type Facts, type Progress, type StepName, type Summary, up } from "#pipeline";
export { type Embedded, findServer, requireServer, stopServer } from "./background.ts";
export { type Config, readConfig } from "./config.ts";
export { init } from "./init.ts";
export { type LoadedProject, loadProject, type TableFlags } from "./load-project.ts";
export { serve } from "./serve.ts";
export { readCredentials } from "./server-file.ts";
export { cacheFolder, embeddedTarget } from "./target.ts";
