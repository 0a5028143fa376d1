import type { Context, Handlers } from "#kernel";
import { dryRun, idInvalid, invalid } from "../faults.ts";
import { filterRows } from "../filters.ts";
import type { Ec2Tables } from "../state.ts";

type Ec2Context = Context<Ec2Tables>;
type Tags = Readonly<Record<string, string>>;

/** AWS: 50 a resource. "Tag restrictions", EC2 user guide. */
const MOST = 50;

export const tags = {
  CreateTags(input, ctx) {
    const found = input.Resources.map((id) => requireTagged(ctx, id));
    const given = Object.fromEntries(input.Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
    for (const one of found)
      if (Object.keys({ ...one.tags, ...given }).length > MOST)
        throw invalid(`The maximum number of Tags for a resource has been reached.`);
    if (input.DryRun) throw dryRun();
    for (const one of found) one.save({ ...one.tags, ...given });
    return {};
  },

  DeleteTags(input, ctx) {
    const found = input.Resources.map((id) => requireTagged(ctx, id));
    if (input.DryRun) throw dryRun();
    // AWS: without tags, all of them; with a value, only that one. DeleteTags, API reference.
    const goes = (key: string, value: string) =>
      !input.Tags || input.Tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
    for (const one of found)
      one.save(Object.fromEntries(Object.entries(one.tags).filter(([key, value]) => !goes(key, value))));
    return {};
  },

  DescribeTags(input, ctx) {
    const all = taggedOf(ctx).flatMap((one) =>
      Object.entries(one.tags).map(([key, value]) => ({ key, value, id: one.id, type: one.type })),
    );
    const found = filterRows(all, input.Filters, {
      key: ({ key }) => [key],
      value: ({ value }) => [value],
      "resource-id": ({ id }) => [id],
      "resource-type": ({ type }) => [type],
    });
    return {
      Tags: found.map(({ key, value, id, type }) => ({ Key: key, Value: value, ResourceId: id, ResourceType: type })),
    };
  },
} satisfies Handlers<"ec2", Ec2Tables>;

interface Tagged {
  readonly id: string;
  readonly type: "instance" | "volume" | "security-group" | "elastic-ip" | "key-pair";
  readonly tags: Tags;
  save(tags: Tags): void;
}

function requireTagged(ctx: Ec2Context, id: string): Tagged {
  const found = taggedOf(ctx).find((one) => one.id === id);
  if (!found) throw idInvalid(id);
  return found;
}

function taggedOf(ctx: Ec2Context): Tagged[] {
  const { instances, volumes, groups, addresses, keyPairs } = ctx.tables;
  return [
    ...instances.list().flatMap(({ key, row }) =>
      row.region === ctx.region
        ? [
            {
              id: row.id,
              type: "instance" as const,
              tags: row.tags,
              save: (all: Tags) => instances.put(key, { ...row, tags: all }),
            },
          ]
        : [],
    ),
    ...volumes.list().map(({ key, row }) => ({
      id: row.id,
      type: "volume" as const,
      tags: row.tags,
      save: (all: Tags) => volumes.put(key, { ...row, tags: all }),
    })),
    ...groups.list().map(({ key, row }) => ({
      id: row.id,
      type: "security-group" as const,
      tags: row.tags,
      save: (all: Tags) => groups.put(key, { ...row, tags: all }),
    })),
    ...addresses.list().map(({ key, row }) => ({
      id: row.id,
      type: "elastic-ip" as const,
      tags: row.tags,
      save: (all: Tags) => addresses.put(key, { ...row, tags: all }),
    })),
    ...keyPairs.list().map(({ key, row }) => ({
      id: row.id,
      type: "key-pair" as const,
      tags: row.tags,
      save: (all: Tags) => keyPairs.put(key, { ...row, tags: all }),
    })),
  ];
}
