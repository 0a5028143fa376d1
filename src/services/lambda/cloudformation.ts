import { zipSync } from "fflate";
import type { Resource, ResourceContext, ResourceHandler } from "#kernel";
import type { InputOf } from "#kernel";

type CreateInput = InputOf<"lambda", "CreateFunction">;
type AddInput = InputOf<"lambda", "AddPermission">;

type FunctionProperties = Partial<Omit<CreateInput, "Code" | "Tags" | "Timeout" | "MemorySize" | "Role">> & {
  readonly Role: string;
  readonly Code: {
    readonly S3Bucket?: string;
    readonly S3Key?: string;
    readonly S3ObjectVersion?: string;
    readonly ZipFile?: string;
  };
  readonly Timeout?: number | string;
  readonly MemorySize?: number | string;
  readonly ReservedConcurrentExecutions?: number | string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
};

const lambdaFunction: ResourceHandler<FunctionProperties> = {
  replaceOn: ["FunctionName", "PackageType"],

  async create(properties, at) {
    const name = properties.FunctionName ?? at.inventName(64);
    const { FunctionArn: arn } = await at.call("lambda", "CreateFunction", {
      ...settingsOf(properties),
      FunctionName: name,
      Code: codeOf(properties),
      Tags: tagsOf(properties, at),
    });
    await reserve(name, properties, at);
    return { physicalId: name, attributes: { Arn: arn ?? "" } };
  },

  async update(properties, previous, resource, at) {
    const name = resource.physicalId;
    if (JSON.stringify(properties.Code) !== JSON.stringify(previous.Code) || properties.Runtime !== previous.Runtime) {
      await at.call("lambda", "UpdateFunctionCode", { FunctionName: name, ...codeOf(properties) });
    }
    if (JSON.stringify(settingsOf(properties)) !== JSON.stringify(settingsOf(previous))) {
      await at.call("lambda", "UpdateFunctionConfiguration", {
        ...defaults,
        ...settingsOf(properties),
        FunctionName: name,
      });
    }
    await reserve(name, properties, at, previous);
    await retag(resource, properties, at);
    return resource;
  },

  async delete(resource, _properties, at) {
    await unlessGone(at.call("lambda", "DeleteFunction", { FunctionName: resource.physicalId }));
  },
};

type PermissionProperties = Omit<AddInput, "StatementId" | "Qualifier" | "RevisionId">;

/** Has no update: every change replaces. */
const permission: ResourceHandler<PermissionProperties> = {
  replaceOn: [
    "FunctionName",
    "Action",
    "Principal",
    "SourceArn",
    "SourceAccount",
    "PrincipalOrgID",
    "EventSourceToken",
    "FunctionUrlAuthType",
  ],

  async create(properties, at) {
    const id = at.inventName(100);
    await at.call("lambda", "AddPermission", { ...properties, StatementId: id });
    return { physicalId: id, attributes: { Id: id } };
  },

  async delete(resource, properties, at) {
    await unlessGone(
      at.call("lambda", "RemovePermission", {
        FunctionName: properties.FunctionName,
        StatementId: resource.physicalId,
      }),
    );
  },
};

export const resources = { "AWS::Lambda::Function": lambdaFunction, "AWS::Lambda::Permission": permission };

/** What a property that was taken out of the template goes back to. */
const defaults = {
  Description: "",
  Timeout: 3,
  MemorySize: 128,
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
};

function settingsOf(properties: FunctionProperties) {
  const {
    Code: _code,
    Tags: _tags,
    ReservedConcurrentExecutions: _reserved,
    Timeout,
    MemorySize,
    FunctionName: _name,
    ...rest
  } = properties;
  return {
    ...rest,
    ...(Timeout !== undefined && { Timeout: Number(Timeout) }),
    ...(MemorySize !== undefined && { MemorySize: Number(MemorySize) }),
    ...(rest.Environment && { Environment: { Variables: textsOf(rest.Environment.Variables ?? {}) } }),
  };
}

/** In a template a variable may be written as a number or a boolean. */
function textsOf(variables: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

/** AWS: code in the template itself becomes a file `index`, with the extension of its runtime. */
function codeOf({ Code: code, Runtime: runtime }: FunctionProperties): CreateInput["Code"] {
  const { ZipFile: text, ...fromS3 } = code;
  if (text === undefined) return fromS3;
  const file = runtime?.startsWith("python") ? "index.py" : "index.js";
  // A fixed date, so that the same text is the same package.
  return { ZipFile: zipSync({ [file]: Buffer.from(text) }, { mtime: new Date("1980-01-02T00:00:00Z") }) };
}

async function reserve(
  name: string,
  properties: FunctionProperties,
  at: ResourceContext,
  previous?: FunctionProperties,
): Promise<void> {
  const reserved = properties.ReservedConcurrentExecutions;
  if (reserved !== undefined) {
    await at.call("lambda", "PutFunctionConcurrency", {
      FunctionName: name,
      ReservedConcurrentExecutions: Number(reserved),
    });
  } else if (previous?.ReservedConcurrentExecutions !== undefined) {
    await at.call("lambda", "DeleteFunctionConcurrency", { FunctionName: name });
  }
}

async function retag(resource: Resource, properties: FunctionProperties, at: ResourceContext): Promise<void> {
  const arn = resource.attributes["Arn"] ?? "";
  const wanted = tagsOf(properties, at);
  const { Tags: present = {} } = await at.call("lambda", "ListTags", { Resource: arn });
  const gone = Object.keys(present).filter((key) => !(key in wanted));
  if (gone.length > 0) await at.call("lambda", "UntagResource", { Resource: arn, TagKeys: gone });
  if (Object.keys(wanted).length > 0) await at.call("lambda", "TagResource", { Resource: arn, Tags: wanted });
}

function tagsOf(properties: FunctionProperties, at: ResourceContext): Record<string, string> {
  return { ...at.tags, ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])) };
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ResourceNotFoundException")) throw error;
  }
}
