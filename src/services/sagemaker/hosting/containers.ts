import type { InputOf } from "#kernel";
import { notBuilt, validation } from "../faults.ts";
import type { HostingContext, ModelRow } from "./state.ts";

type Container = NonNullable<InputOf<"sagemaker", "CreateModel">["PrimaryContainer"]>;

/** The one container of a model: the image, where its data lies, its environment. */
export interface ServingContainer {
  readonly image: string;
  readonly modelDataUrl: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Refuses what this hosting does not do, before anything is made. */
export function requireContainer(input: ModelRow["input"]): Container {
  const [only, ...more] = input.PrimaryContainer ? [input.PrimaryContainer] : (input.Containers ?? []);
  if (!only) throw validation("You must specify either PrimaryContainer or Containers.");
  if (more.length > 0) throw notBuilt("inference pipelines (several containers in one model)");
  if (only.Mode === "MultiModel") throw notBuilt("multi-model endpoints");
  if (only.ImageConfig?.RepositoryAccessMode === "Vpc") throw notBuilt("images from a registry in a VPC");
  if (only.AdditionalModelDataSources?.length) throw notBuilt("additional model data sources");
  if (only.Image === undefined && only.ModelPackageName === undefined) {
    throw validation("You must specify either Image or ModelPackageName for the container.");
  }
  toDataUrl(only);
  return only;
}

/** What a container means: by itself, or by the model package that it names. */
export async function resolveContainer(ctx: HostingContext, container: Container): Promise<ServingContainer> {
  if (container.ModelPackageName === undefined) {
    return {
      image: container.Image ?? "",
      modelDataUrl: toDataUrl(container),
      environment: container.Environment ?? {},
    };
  }
  const found = await ctx.call("sagemaker", "DescribeModelPackage", { ModelPackageName: container.ModelPackageName });
  const packaged = found.InferenceSpecification?.Containers ?? [];
  const [only] = packaged;
  if (!only?.Image || packaged.length > 1) throw notBuilt("model packages without exactly one container");
  return {
    image: only.Image,
    modelDataUrl: toDataUrl(only),
    environment: { ...only.Environment, ...container.Environment },
  };
}

interface WithData {
  readonly ModelDataUrl?: string | undefined;
  readonly ModelDataSource?:
    | {
        readonly S3DataSource?:
          | {
              readonly S3Uri?: string | undefined;
              readonly S3DataType?: string | undefined;
              readonly CompressionType?: string | undefined;
            }
          | undefined;
      }
    | undefined;
}

function toDataUrl({ ModelDataUrl: url, ModelDataSource: source }: WithData): string | undefined {
  if (!source?.S3DataSource) return url;
  const { S3Uri: uri, S3DataType: type, CompressionType: compression } = source.S3DataSource;
  if (type !== "S3Object" || compression !== "Gzip") throw notBuilt("model data that is not one tar.gz object");
  return uri;
}
