import type { Context, InputOf } from "#kernel";
import { AwsFault } from "#protocol";
import { RESERVED_VARIABLES } from "./environment.ts";
import { invalidParameter, notBuilt, roleNotAssumable } from "./faults.ts";
import type { FunctionRow, LambdaTables } from "./state.ts";

type CreateInput = InputOf<"lambda", "CreateFunction">;
type Settings = { [K in keyof Omit<CreateInput, "Code" | "FunctionName">]?: CreateInput[K] | undefined };
type Configured = Pick<
  FunctionRow,
  | "runtime"
  | "handler"
  | "role"
  | "description"
  | "timeout"
  | "memorySize"
  | "ephemeralStorage"
  | "environment"
  | "logGroup"
>;

/** What the server's own Node and a Python of the machine can run. */
const RUNNABLE = /^(nodejs(20|22|24)\.x|python3\.1[1-4])$/;
/** AWS: runtimes that functions can no longer be created with. From the table of deprecated runtimes. */
const RETIRED =
  /^(nodejs|nodejs4\.3|nodejs4\.3-edge|nodejs6\.10|nodejs8\.10|nodejs1[02468]\.x|python2\.7|python3\.[6-9]|dotnetcore[123]\.[01]|dotnet6|go1\.x|ruby2\.[57]|java8|provided)$/;
const MOST_TIMEOUT = 900;
const MOST_MEMORY = 10_240;
const MOST_EPHEMERAL = 10_240;
const MOST_VARIABLES = 4096;

/** The settings of a request over what is there already (or the defaults), checked. */
export function configure(input: Settings, previous?: FunctionRow): Configured {
  assertBuilt(input);
  const runtime = input.Runtime ?? previous?.runtime;
  const handler = input.Handler ?? previous?.handler;
  // AWS: the order in which it complains about a zip function without them.
  if (runtime === undefined) throw invalidParameter("Runtime is mandatory if the function's package type is Zip.");
  if (handler === undefined) throw invalidParameter("Handler is mandatory if the function's package type is Zip.");
  if (input.Runtime !== undefined) assertRuntime(input.Runtime);
  const { Timeout: timeout, MemorySize: memory, EphemeralStorage: storage } = input;
  assertAtMost("timeout", timeout, MOST_TIMEOUT);
  assertAtMost("memorySize", memory, MOST_MEMORY);
  assertAtMost("ephemeralStorage.size", storage?.Size, MOST_EPHEMERAL);
  const logGroup = input.LoggingConfig?.LogGroup ?? previous?.logGroup;
  return {
    runtime,
    handler,
    role: input.Role ?? previous?.role ?? "",
    description: input.Description ?? previous?.description ?? "",
    timeout: timeout ?? previous?.timeout ?? 3,
    memorySize: memory ?? previous?.memorySize ?? 128,
    ephemeralStorage: storage?.Size ?? previous?.ephemeralStorage ?? 512,
    environment: input.Environment
      ? checkedVariables(input.Environment.Variables ?? {})
      : (previous?.environment ?? {}),
    ...(logGroup !== undefined && { logGroup }),
  };
}

/** AWS: the caller must be allowed to pass the role, and the role must trust Lambda. */
export async function assertRole(ctx: Context<LambdaTables>, role: string, functionName: string): Promise<void> {
  const service = "lambda.amazonaws.com";
  await ctx.authorize({ action: "iam:PassRole", resource: role, conditions: { "iam:PassedToService": service } });
  try {
    await ctx.assume(role, { service, sessionName: functionName });
  } catch (error) {
    throw error instanceof AwsFault ? roleNotAssumable() : error;
  }
}

function assertRuntime(runtime: string): void {
  if (RUNNABLE.test(runtime)) return;
  if (RETIRED.test(runtime)) {
    throw invalidParameter(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  throw invalidParameter(`Cauce does not run ${runtime}. Use nodejs20.x to nodejs24.x, or python3.11 to python3.14.`);
}

/** Members that change what a function is and that nothing here does: refused, unless they ask for what is anyway. */
function assertBuilt(input: Settings): void {
  const refused: readonly [string, boolean][] = [
    ["PackageType Image", input.PackageType === "Image"],
    ["Publish", input.Publish === true],
    ["VpcConfig", (input.VpcConfig?.SubnetIds?.length ?? 0) + (input.VpcConfig?.SecurityGroupIds?.length ?? 0) > 0],
    ["Layers", (input.Layers?.length ?? 0) > 0],
    ["FileSystemConfigs", (input.FileSystemConfigs?.length ?? 0) > 0],
    ["DeadLetterConfig", input.DeadLetterConfig?.TargetArn !== undefined && input.DeadLetterConfig.TargetArn !== ""],
    ["KMSKeyArn", input.KMSKeyArn !== undefined && input.KMSKeyArn !== ""],
    ["TracingConfig Active", input.TracingConfig?.Mode === "Active"],
    ["ImageConfig", input.ImageConfig !== undefined],
    ["SnapStart", input.SnapStart?.ApplyOn === "PublishedVersions"],
    ["LoggingConfig.LogFormat JSON", input.LoggingConfig?.LogFormat === "JSON"],
    ["CodeSigningConfigArn", input.CodeSigningConfigArn !== undefined],
    ["TenancyConfig", input.TenancyConfig !== undefined],
    ["CapacityProviderConfig", input.CapacityProviderConfig !== undefined],
    ["DurableConfig", input.DurableConfig !== undefined],
  ];
  for (const [member, asked] of refused) if (asked) throw notBuilt(member);
}

/** AWS: the model allows more than an ordinary function may have. */
function assertAtMost(member: string, value: number | undefined, most: number): void {
  if (value === undefined || value <= most) return;
  throw invalidParameter(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value less than or equal to ${most}`,
  );
}

function checkedVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  const refused =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  const reserved = Object.keys(variables).filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${refused} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > MOST_VARIABLES)
    throw invalidParameter(`${refused} exceeded the 4KB limit. String measured: ${measured}`);
  return { ...variables };
}
