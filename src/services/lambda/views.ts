import type { OutputOf } from "#kernel";
import { functionArn } from "./function-name.ts";
import type { FunctionRow } from "./state.ts";

type Configuration = OutputOf<"lambda", "GetFunctionConfiguration">;

export function toConfiguration(row: FunctionRow, at: { region: string; account: string }): Configuration {
  return {
    FunctionName: row.name,
    FunctionArn: functionArn(row.name, at),
    Runtime: row.runtime as NonNullable<Configuration["Runtime"]>,
    Role: row.role,
    Handler: row.handler,
    CodeSize: row.code.size,
    CodeSha256: Buffer.from(row.code.sha256, "hex").toString("base64"),
    Description: row.description,
    Timeout: row.timeout,
    MemorySize: row.memorySize,
    // AWS: this text form, not a number: its model says string.
    LastModified: new Date(row.modified).toISOString().replace("Z", "+0000"),
    Version: "$LATEST",
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: row.revision,
    State: row.state,
    ...(row.stateReason !== undefined && { StateReason: row.stateReason, StateReasonCode: stateReasonCode(row) }),
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [row.architecture],
    EphemeralStorage: { Size: row.ephemeralStorage },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: logGroupOf(row) },
    ...(row.vpc && {
      VpcConfig: {
        SubnetIds: [...row.vpc.subnets],
        SecurityGroupIds: [...row.vpc.groups],
        Ipv6AllowedForDualStack: false,
      },
    }),
    ...(Object.keys(row.environment).length > 0 && { Environment: { Variables: { ...row.environment } } }),
  };
}

export function logGroupOf(row: FunctionRow): string {
  return row.logGroup ?? `/aws/lambda/${row.name}`;
}

function stateReasonCode(row: FunctionRow) {
  return row.state === "Pending" ? "Creating" : "InternalError";
}
