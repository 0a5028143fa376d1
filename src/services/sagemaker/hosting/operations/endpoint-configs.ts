import type { Handlers, InputOf } from "#kernel";
import { sagemakerArn } from "../../arns.ts";
import { emit } from "../../events.ts";
import { notBuilt, validation } from "../../faults.ts";
import { pageOf } from "../../page.ts";
import { dropTags, putTags } from "../../tags.ts";
import { alreadyExists, notFound } from "../faults.ts";
import type { EndpointConfigRow, HostingContext, hostingTables } from "../state.ts";
import { requireModel } from "./models.ts";

type Input = Omit<InputOf<"sagemaker", "CreateEndpointConfig">, "Tags">;
type Variant = Input["ProductionVariants"][number];
type ServerlessConfig = NonNullable<Variant["ServerlessConfig"]>;

export const endpointConfigs = {
  async CreateEndpointConfig({ Tags: tags, ...input }, ctx) {
    const arn = sagemakerArn(ctx, "endpoint-config", input.EndpointConfigName);
    assertBuilt(input);
    assertVariants(input.ProductionVariants);
    const key = input.EndpointConfigName.toLowerCase();
    if (ctx.tables.endpointConfigs.get(key)) throw alreadyExists("endpoint configuration", arn);
    for (const { ModelName: model } of input.ProductionVariants) requireModel(ctx, model ?? "");
    const row: EndpointConfigRow = { name: input.EndpointConfigName, arn, createdAt: ctx.now().toISOString(), input };
    ctx.kernel.transaction(() => {
      ctx.tables.endpointConfigs.put(key, row);
      putTags(ctx.tables, arn, tags);
    });
    await emitState(ctx, row);
    return { EndpointConfigArn: arn };
  },

  DescribeEndpointConfig(input, ctx) {
    const row = requireEndpointConfig(ctx, input.EndpointConfigName);
    const { ProductionVariants: variants, ...rest } = row.input;
    return {
      ...rest,
      ProductionVariants: variants.map((variant) => ({
        ...variant,
        InitialVariantWeight: variant.InitialVariantWeight ?? 1,
      })),
      EndpointConfigArn: row.arn,
      CreationTime: new Date(row.createdAt),
      EnableNetworkIsolation: false,
    };
  },

  ListEndpointConfigs(input, ctx) {
    const all = ctx.tables.endpointConfigs.list().map(({ row }) => row);
    const { rows, next } = pageOf(all, input, ({ name, createdAt: created }) => ({ name, created }));
    const EndpointConfigs = rows.map((row) => ({
      EndpointConfigName: row.name,
      EndpointConfigArn: row.arn,
      CreationTime: new Date(row.createdAt),
    }));
    return { EndpointConfigs, ...next };
  },

  DeleteEndpointConfig(input, ctx) {
    const row = requireEndpointConfig(ctx, input.EndpointConfigName);
    ctx.kernel.transaction(() => {
      ctx.tables.endpointConfigs.delete(row.name.toLowerCase());
      dropTags(ctx.tables, row.arn);
    });
    return {};
  },
} satisfies Handlers<"sagemaker", typeof hostingTables>;

export function requireEndpointConfig(ctx: HostingContext, name: string): EndpointConfigRow {
  const row = ctx.tables.endpointConfigs.get(name.toLowerCase());
  if (!row) throw notFound("endpoint configuration", sagemakerArn(ctx, "endpoint-config", name));
  return row;
}

function assertBuilt(input: Input): void {
  if (input.DataCaptureConfig?.EnableCapture) throw notBuilt("data capture");
  if (input.AsyncInferenceConfig) throw notBuilt("asynchronous inference");
  if (input.ExplainerConfig) throw notBuilt("explainers");
  if (input.ShadowProductionVariants?.length) throw notBuilt("shadow variants");
  if (input.KmsKeyId !== undefined) throw notBuilt("encryption of an endpoint's volumes (KmsKeyId)");
  if (input.VpcConfig) throw notBuilt("endpoints in a VPC");
  if (input.EnableNetworkIsolation) throw notBuilt("network isolation of endpoints");
}

function assertVariants(variants: readonly Variant[]): void {
  const names = new Set<string>();
  for (const variant of variants) {
    const { VariantName: name } = variant;
    if (names.has(name)) throw validation(`Production variant names must be unique, but ${name} is there twice.`);
    names.add(name);
    if (variant.ModelName === undefined) throw notBuilt("inference components (variants without a model)");
    if (variant.AcceleratorType !== undefined) throw notBuilt("Elastic Inference");
    if (variant.ManagedInstanceScaling) throw notBuilt("managed instance scaling");
    if (variant.EnableSSMAccess) throw notBuilt("SSM access to instances");
    if (variant.ServerlessConfig) assertServerless(variant, variant.ServerlessConfig, variants.length);
    else assertInstances(variant);
  }
}

function assertInstances({ VariantName: name, InstanceType: type, InitialInstanceCount: count }: Variant): void {
  if (type === undefined) throw validation(`InstanceType is required for production variant ${name}.`);
  if (count === undefined) throw validation(`InitialInstanceCount is required for production variant ${name}.`);
}

/** AWS: the API reference of ProductionVariantServerlessConfig, and the developer guide's list of what serverless endpoints exclude. */
function assertServerless(variant: Variant, config: ServerlessConfig, variants: number): void {
  const { VariantName: name } = variant;
  const { MemorySizeInMB: memory, MaxConcurrency: most, ProvisionedConcurrency: warm } = config;
  if (variant.InstanceType !== undefined || variant.InitialInstanceCount !== undefined) {
    const stray = variant.InstanceType === undefined ? "InitialInstanceCount" : "InstanceType";
    throw validation(`${stray} cannot be specified together with ServerlessConfig for production variant ${name}.`);
  }
  if (memory % 1024 !== 0) {
    const valid = "1024, 2048, 3072, 4096, 5120, 6144";
    throw validation(`MemorySizeInMB ${memory} of production variant ${name} is not valid. Valid values: [${valid}].`);
  }
  if (warm !== undefined && warm > most) {
    throw validation(`ProvisionedConcurrency of production variant ${name} must be at most its MaxConcurrency.`);
  }
  if (variants > 1) throw validation("A serverless endpoint has one production variant.");
}

/** AWS: "Amazon SageMaker endpoint configuration state change" in the developer guide's page on EventBridge events. */
async function emitState(ctx: HostingContext, row: EndpointConfigRow): Promise<void> {
  const detail = {
    EndpointConfigName: row.name,
    EndpointConfigArn: row.arn,
    ProductionVariants: row.input.ProductionVariants,
    CreationTime: new Date(row.createdAt).getTime(),
    Tags: ctx.tables.tags.get(row.arn) ?? {},
  };
  await emit(ctx, "SageMaker Endpoint Config State Change", detail, [row.arn]);
}
