import type { Context, InputOf } from "#kernel";
import { AwsFault } from "#protocol";
import { RESERVED_VARIABLES } from "./environment.ts";
import { invalidParameter, notBuilt, roleCannot, roleNotAssumable } from "./faults.ts";
import { sessionNameOf } from "./session.ts";
import type { FunctionRow, LambdaTables } from "./state.ts";

type CreateInput = InputOf<"lambda", "CreateFunction">;
type Settings = { [K in keyof Omit<CreateInput, "Code" | "FunctionName">]?: CreateInput[K] | undefined };
type Network = NonNullable<Settings["VpcConfig"]>;
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
  | "vpc"
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
  ["VpcConfig.Ipv6AllowedForDualStack", ({ VpcConfig: vpc }) => vpc?.Ipv6AllowedForDualStack === true],
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
  const { vpc } = merged;
  const more = { ...(logGroup !== undefined && { logGroup }), ...(vpc && vpc.subnets.length > 0 && { vpc }) };
  return { runtime, handler, role, description, timeout, memorySize, ephemeralStorage, environment, ...more };
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
    vpc: input.VpcConfig && checkedNetwork(input.VpcConfig),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** AWS: the caller must be allowed to pass the role, the role must trust Lambda, and for a network it must be allowed to reach into it. */
export async function assertRole(
  ctx: Context<LambdaTables>,
  { role, vpc }: Pick<Configured, "role" | "vpc">,
  functionName: string,
): Promise<void> {
  const service = "lambda.amazonaws.com";
  await ctx.authorize({ action: "iam:PassRole", resource: role, conditions: { "iam:PassedToService": service } });
  const session = await ctx
    .assume(role, { service, sessionName: sessionNameOf(functionName) })
    .catch((error: unknown) => {
      throw error instanceof AwsFault ? roleNotAssumable() : error;
    });
  if (!vpc) return;
  const as = ctx.as(session.principal);
  const interfaces = `arn:aws:ec2:${ctx.region}:${ctx.account}:network-interface/*`;
  for (const [verb, resource] of [
    ["CreateNetworkInterface", interfaces],
    ["DescribeNetworkInterfaces", "*"],
    ["DeleteNetworkInterface", interfaces],
  ] as const)
    await as.authorize({ action: `ec2:${verb}`, resource }).catch((error: unknown) => {
      throw error instanceof AwsFault ? roleCannot(verb) : error;
    });
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

/** AWS: both lists or none; two empty ones take a function out of its network. Seen in issues of Terraform's provider. */
function checkedNetwork({ SubnetIds: subnets = [], SecurityGroupIds: groups = [] }: Network): FunctionRow["vpc"] {
  if ((subnets.length === 0) !== (groups.length === 0))
    throw invalidParameter("SubnetIds and SecurityIds must coexist or be both empty list.");
  return { subnets, groups };
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
