import type { Context, InputOf } from "#kernel";
import { AwsFault } from "#protocol";
import { RESERVED_VARIABLES } from "./environment.ts";
import { invalidParameter, notBuilt, roleNotAssumable } from "./faults.ts";
import { sessionNameOf } from "./session.ts";
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
/** Members that change what a function is and that nothing here does: refused, unless they ask for what is anyway. */
const NOT_BUILT: readonly (readonly [string, (input: Settings) => boolean])[] = [
  ["PackageType Image", ({ PackageType: type }) => type === "Image"],
  ["Publish", ({ Publish: publish }) => publish === true],
  ["VpcConfig", ({ VpcConfig: vpc }) => isFilled(vpc?.SubnetIds) || isFilled(vpc?.SecurityGroupIds)],
  ["Layers", ({ Layers: layers }) => isFilled(layers)],
  ["FileSystemConfigs", ({ FileSystemConfigs: systems }) => isFilled(systems)],
  ["DeadLetterConfig", ({ DeadLetterConfig: dead }) => isFilled(dead?.TargetArn)],
  ["KMSKeyArn", ({ KMSKeyArn: key }) => isFilled(key)],
  ["TracingConfig Active", ({ TracingConfig: tracing }) => tracing?.Mode === "Active"],
  ["ImageConfig", ({ ImageConfig: image }) => image !== undefined],
  ["SnapStart", ({ SnapStart: snap }) => snap?.ApplyOn === "PublishedVersions"],
  ["LoggingConfig.LogFormat JSON", ({ LoggingConfig: logging }) => logging?.LogFormat === "JSON"],
  ["CodeSigningConfigArn", ({ CodeSigningConfigArn: signing }) => isFilled(signing)],
  ["TenancyConfig", ({ TenancyConfig: tenancy }) => tenancy !== undefined],
  ["CapacityProviderConfig", ({ CapacityProviderConfig: provider }) => provider !== undefined],
  ["DurableConfig", ({ DurableConfig: durable }) => durable !== undefined],
];
const isFilled = (value: { readonly length: number } | undefined): boolean => value !== undefined && value.length > 0;

const MOST_TIMEOUT = 900;
const MOST_MEMORY = 10_240;
const MOST_EPHEMERAL = 10_240;
const MOST_VARIABLES = 4096;

/** AWS: what a function has that says nothing about it. */
const DEFAULTS = { role: "", description: "", timeout: 3, memorySize: 128, ephemeralStorage: 512, environment: {} };

/** The settings of a request over what is there already (or the defaults), checked. */
export function configure(input: Settings, previous?: FunctionRow): Configured {
  for (const [member, asked] of NOT_BUILT) if (asked(input)) throw notBuilt(member);
  if (input.Runtime !== undefined) assertRuntime(input.Runtime);
  assertAtMost("timeout", input.Timeout, MOST_TIMEOUT);
  assertAtMost("memorySize", input.MemorySize, MOST_MEMORY);
  assertAtMost("ephemeralStorage.size", input.EphemeralStorage?.Size, MOST_EPHEMERAL);
  const merged = { ...DEFAULTS, ...previous, ...given(input) };
  // AWS: the order in which it complains about a zip function without them.
  if (merged.runtime === undefined)
    throw invalidParameter("Runtime is mandatory if the function's package type is Zip.");
  if (merged.handler === undefined)
    throw invalidParameter("Handler is mandatory if the function's package type is Zip.");
  const { runtime, handler, role, description, timeout, memorySize, ephemeralStorage, environment, logGroup } = merged;
  const logs = logGroup === undefined ? {} : { logGroup };
  return { runtime, handler, role, description, timeout, memorySize, ephemeralStorage, environment, ...logs };
}

/** What a request sets, under the names of rows. */
function given(input: Settings): Partial<Configured> {
  const settings = {
    runtime: input.Runtime,
    handler: input.Handler,
    role: input.Role,
    description: input.Description,
    timeout: input.Timeout,
    memorySize: input.MemorySize,
    ephemeralStorage: input.EphemeralStorage?.Size,
    environment: input.Environment && checkedVariables(input.Environment.Variables ?? {}),
    logGroup: input.LoggingConfig?.LogGroup,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** AWS: the caller must be allowed to pass the role, and the role must trust Lambda. */
export async function assertRole(ctx: Context<LambdaTables>, role: string, functionName: string): Promise<void> {
  const service = "lambda.amazonaws.com";
  await ctx.authorize({ action: "iam:PassRole", resource: role, conditions: { "iam:PassedToService": service } });
  try {
    await ctx.assume(role, { service, sessionName: sessionNameOf(functionName) });
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
