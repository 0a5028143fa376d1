import type { Context, Handlers } from "#kernel";
import { dryRun, keyPairExists, keyPairNotFound, missing, notBuilt } from "../faults.ts";
import { filterRows, tagsFor, toTags } from "../filters.ts";
import { makeId } from "../resource-ids.ts";
import { makeSshKey, readPublicKey, type SshKey } from "../ssh-keys.ts";
import type { Ec2Tables, KeyPairRow } from "../state.ts";

export const keyPairs = {
  async CreateKeyPair(input, ctx) {
    if (input.KeyFormat !== undefined && input.KeyFormat !== "pem") throw notBuilt("keys in PuTTY's format");
    const name = requireFree(ctx, input.KeyName);
    if (input.DryRun) throw dryRun();
    const { privateKey, ...key } = await makeSshKey(input.KeyType ?? "rsa");
    const row = save(ctx, name, key, tagsFor(input.TagSpecifications, "key-pair"));
    return { ...summaryOf(row), KeyMaterial: privateKey };
  },

  ImportKeyPair(input, ctx) {
    const name = requireFree(ctx, input.KeyName);
    const key = readPublicKey(input.PublicKeyMaterial);
    if (input.DryRun) throw dryRun();
    return summaryOf(save(ctx, name, key, tagsFor(input.TagSpecifications, "key-pair")));
  },

  DescribeKeyPairs(input, ctx) {
    for (const name of input.KeyNames ?? []) requireKeyPair(ctx, name);
    const all = ctx.tables.keyPairs.list().map(({ row }) => row);
    for (const id of input.KeyPairIds ?? []) if (!all.some((row) => row.id === id)) throw keyPairNotFound(id);
    const asked = all.filter(
      ({ name, id }) => (input.KeyNames?.includes(name) ?? true) && (input.KeyPairIds?.includes(id) ?? true),
    );
    const found = filterRows(asked, input.Filters, {
      "key-name": ({ name }) => [name],
      "key-pair-id": ({ id }) => [id],
      fingerprint: ({ fingerprint }) => [fingerprint],
    });
    return {
      KeyPairs: found.map((row) => ({
        ...summaryOf(row),
        KeyType: row.type,
        CreateTime: new Date(row.created),
        ...(input.IncludePublicKey && { PublicKey: `${row.publicKey} ${row.name}` }),
      })),
    };
  },

  DeleteKeyPair(input, ctx) {
    const row = ctx.tables.keyPairs
      .list()
      .map((one) => one.row)
      .find(({ name, id }) => name === input.KeyName || id === input.KeyPairId);
    if (input.DryRun) throw dryRun();
    // AWS: what is not there is deleted all the same. DeleteKeyPair, API reference.
    if (row) ctx.tables.keyPairs.delete(row.name);
    return { Return: true, ...(row && { KeyPairId: row.id }) };
  },
} satisfies Handlers<"ec2", Ec2Tables>;

export function requireKeyPair(ctx: Context<Ec2Tables>, name: string): KeyPairRow {
  const row = ctx.tables.keyPairs.get(name);
  if (!row) throw keyPairNotFound(name);
  return row;
}

function requireFree(ctx: Context<Ec2Tables>, name: string | undefined): string {
  if (!name) throw missing("KeyName");
  if (ctx.tables.keyPairs.get(name)) throw keyPairExists();
  return name;
}

function save(ctx: Context<Ec2Tables>, name: string, key: SshKey, tags: KeyPairRow["tags"]): KeyPairRow {
  const { type, publicKey, fingerprint } = key;
  const id = makeId(ctx, "key");
  const row = { id, name, type, fingerprint, publicKey, created: ctx.now().toISOString(), tags };
  ctx.tables.keyPairs.put(name, row);
  return row;
}

function summaryOf(row: KeyPairRow) {
  return { KeyName: row.name, KeyPairId: row.id, KeyFingerprint: row.fingerprint, Tags: toTags(row.tags) };
}
