import type { AssumedRole } from "#kernel";
import { logGroupOf } from "./views.ts";
import type { FunctionRow } from "./state.ts";

/** AWS: names that a function's configuration may not set. From the documentation's "Reserved environment variables". */
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

export interface Surroundings {
  readonly region: string;
  readonly endpoint: string;
  readonly session: AssumedRole;
  readonly logStream: string;
  readonly runtimeApi: string;
  readonly taskRoot: string;
  readonly runtimeFolder: string;
  readonly tmp: string;
  /** Folders in front of the system's own. */
  readonly path: readonly string[];
}

/** All that a function's process has in its environment: AWS's variables, then the function's own, and nothing of the server's. */
export function workerEnvironment(row: FunctionRow, at: Surroundings): Record<string, string> {
  return {
    PATH: [...at.path, "/usr/local/bin", "/usr/bin", "/bin", "/opt/bin"].join(":"),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    TMPDIR: at.tmp,
    AWS_ENDPOINT_URL: at.endpoint,
    PYTHONDONTWRITEBYTECODE: "1",
    ...row.environment,
    _HANDLER: row.handler,
    AWS_REGION: at.region,
    AWS_DEFAULT_REGION: at.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${row.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: row.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(row.memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(row),
    AWS_LAMBDA_LOG_STREAM_NAME: at.logStream,
    AWS_LAMBDA_RUNTIME_API: at.runtimeApi,
    AWS_ACCESS_KEY_ID: at.session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: at.session.secretAccessKey,
    AWS_SESSION_TOKEN: at.session.sessionToken,
    LAMBDA_TASK_ROOT: at.taskRoot,
    LAMBDA_RUNTIME_DIR: at.runtimeFolder,
  };
}
