export type { ProcessLimits } from "./limits.ts";
export { type ProcessEnd, type ProcessSpec, runProcess, type RunningProcess, spawnProcess } from "./process.ts";
export { describeSandbox, type Isolation, type Sandbox } from "./sandbox.ts";
export { sweepProcesses } from "./records.ts";
