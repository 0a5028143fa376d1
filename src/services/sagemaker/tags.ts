import { type Handlers, type OpenTables, type Permissions, table } from "#kernel";

/** The tags of everything in SageMaker, by ARN. */
export const tagTables = { tags: table<Record<string, string>>() };

type Tagged = Pick<OpenTables<typeof tagTables>, "tags">;

interface Tag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

export const tagOperations = {
  AddTags(input, ctx) {
    return { Tags: toList(putTags(ctx.tables, input.ResourceArn, input.Tags)) };
  },
  ListTags(input, ctx) {
    return { Tags: toList(ctx.tables.tags.get(input.ResourceArn) ?? {}) };
  },
  DeleteTags(input, ctx) {
    const kept = Object.entries(ctx.tables.tags.get(input.ResourceArn) ?? {}).filter(
      ([key]) => !input.TagKeys.includes(key),
    );
    ctx.tables.tags.put(input.ResourceArn, Object.fromEntries(kept));
    return {};
  },
} satisfies Handlers<"sagemaker", typeof tagTables>;

/** AWS: on the resource that is tagged. "Actions, resources, and condition keys for Amazon SageMaker". */
export const tagPermissions: Permissions<"sagemaker"> = {
  AddTags: (input) => ({ action: "sagemaker:AddTags", resource: input.ResourceArn }),
  ListTags: (input) => ({ action: "sagemaker:ListTags", resource: input.ResourceArn }),
  DeleteTags: (input) => ({ action: "sagemaker:DeleteTags", resource: input.ResourceArn }),
};

/** Adds tags to what has that ARN; gives all that it has now. */
export function putTags(tables: Tagged, arn: string, tags: readonly Tag[] | undefined): Record<string, string> {
  const before = tables.tags.get(arn) ?? {};
  if (!tags?.length) return before;
  const after = { ...before, ...Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""])) };
  tables.tags.put(arn, after);
  return after;
}

/** To be called when the thing itself goes. */
export function dropTags(tables: Tagged, arn: string): void {
  tables.tags.delete(arn);
}

function toList(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
