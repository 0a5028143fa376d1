import { processingOperations } from "./processing-operations.ts";
import { trainingOperations } from "./training-operations.ts";

export { jobPermissions } from "./permissions.ts";
export { startJobs } from "./start.ts";
export { jobTables } from "./state.ts";

export const jobOperations = { ...trainingOperations, ...processingOperations };
