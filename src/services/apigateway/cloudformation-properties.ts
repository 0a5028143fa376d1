import { fault } from "#protocol";
import type { ResourceContext, ResourceHandler } from "#kernel";

export type Tags = readonly { readonly Key: string; readonly Value: string }[];

/** The handler behind a check: a property that nothing here reads is refused, not passed over. */
export function only<Properties extends object>(
  type: `AWS::${string}`,
  built: readonly (keyof Properties & string)[],
  handler: ResourceHandler<Properties>,
): ResourceHandler {
  const { create, update } = handler;
  const check = (properties: Properties) => assertOnly(type, properties, built);
  const checked: ResourceHandler<Properties> = {
    ...handler,
    create(properties, at) {
      check(properties);
      return create(properties, at);
    },
    ...(update && {
      update(properties, previous, resource, at) {
        check(properties);
        return update(properties, previous, resource, at);
      },
    }),
  };
  return checked as unknown as ResourceHandler;
}

export function assertOnly(what: string, properties: object, built: readonly string[]): void {
  const other = Object.keys(properties).find((name) => !built.includes(name));
  if (other === undefined) return;
  throw fault("NotImplemented", `Cauce does not implement the property ${other} of ${what}.`, { status: 501 });
}

/** A template may write a boolean as text. */
export function isTrue(value: boolean | string | undefined): boolean {
  return value === true || value === "true";
}

export function allTags(at: ResourceContext, own: Tags = []): Record<string, string> {
  return { ...at.tags, ...Object.fromEntries(own.map(({ Key, Value }) => [Key, Value])) };
}

/** Undefined when what is asked for is not there. */
export async function known<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: unknown }).code === "NotFoundException") return undefined;
    throw error;
  }
}

/** Deleting what is gone already succeeds. */
export async function gone(work: Promise<unknown>): Promise<void> {
  await known(work);
}
