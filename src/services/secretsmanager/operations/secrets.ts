import type { Handlers } from "#kernel";
import { invalidParameter, markedForDeletion, nameIsLeaving, notBuilt, secretExists } from "../faults.ts";
import { arnOf, authorize, dropSecret, findSecret, putSecret, requireSecret } from "../find.ts";
import { type SecretRow, type SecretsContext, type SecretsTables, versionKey, versionsOf } from "../state.ts";
import { addVersion, CURRENT, isGiven, reveal, stagesById, type Value } from "../versions.ts";
import { checkedTags, shownTags } from "./tags.ts";

const DAY = 86_400_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export const secrets = {
  async CreateSecret(input, ctx) {
    refuseUnbuilt(input);
    const name = checkedName(input.Name);
    const arn = arnOf(ctx, `${name}-${ctx.kernel.ids.token(6, ALPHABET)}`);
    await authorize(ctx, "CreateSecret", arn);
    checkValue(input);
    const id = input.ClientRequestToken ?? ctx.kernel.ids.uuid();
    const there = findSecret(ctx, name);
    if (there) return repeated(ctx, there, input, id);
    const now = ctx.now().getTime();
    const row: SecretRow = {
      name,
      arn,
      region: ctx.region,
      ...(input.Description !== undefined && { description: input.Description }),
      tags: checkedTags({}, input.Tags ?? []),
      created: now,
      changed: now,
    };
    ctx.kernel.transaction(() => {
      putSecret(ctx, row);
      if (isGiven(input)) addVersion(ctx, row, input, { id, stages: [CURRENT] });
    });
    return { ARN: arn, Name: name, ...(isGiven(input) && { VersionId: id }) };
  },

  async UpdateSecret(input, ctx) {
    refuseUnbuilt(input);
    checkValue(input);
    const row = living(await requireSecret(ctx, input.SecretId, "UpdateSecret"));
    const id = input.ClientRequestToken ?? ctx.kernel.ids.uuid();
    ctx.kernel.transaction(() => {
      if (isGiven(input)) addVersion(ctx, row, input, { id, stages: [CURRENT] });
      const description = input.Description === undefined ? {} : { description: input.Description };
      putSecret(ctx, { ...row, ...description, changed: ctx.now().getTime() });
    });
    return { ARN: row.arn, Name: row.name, ...(isGiven(input) && { VersionId: id }) };
  },

  async DescribeSecret(input, ctx) {
    return described(ctx, await requireSecret(ctx, input.SecretId, "DescribeSecret"));
  },

  async DeleteSecret(input, ctx) {
    const { ForceDeleteWithoutRecovery: forced = false, RecoveryWindowInDays: days } = input;
    if (forced && days !== undefined)
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    if (days !== undefined && (days < 7 || days > 30))
      throw invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    const now = ctx.now().getTime();
    // AWS: with force, what is not there is no error.
    const named = findSecret(ctx, input.SecretId);
    if (!named && forced) {
      await authorize(ctx, "DeleteSecret", arnOf(ctx, input.SecretId));
      return { Name: input.SecretId, DeletionDate: new Date(now) };
    }
    const row = await requireSecret(ctx, input.SecretId, "DeleteSecret");
    if (forced) {
      dropSecret(ctx, row);
      return { ARN: row.arn, Name: row.name, DeletionDate: new Date(now) };
    }
    const due = living(row) && now + (days ?? 30) * DAY;
    putSecret(ctx, { ...row, deletion: { asked: now, due } });
    return { ARN: row.arn, Name: row.name, DeletionDate: new Date(due) };
  },

  async RestoreSecret(input, ctx) {
    const row = await requireSecret(ctx, input.SecretId, "RestoreSecret");
    const { deletion: _deletion, ...rest } = row;
    putSecret(ctx, rest);
    return { ARN: row.arn, Name: row.name };
  },
} satisfies Handlers<"secretsmanager", SecretsTables>;

export function living(row: SecretRow): SecretRow {
  if (row.deletion) throw markedForDeletion();
  return row;
}

export function described(ctx: SecretsContext, row: SecretRow) {
  return {
    ARN: row.arn,
    Name: row.name,
    ...(row.description !== undefined && { Description: row.description }),
    LastChangedDate: new Date(row.changed),
    ...(row.accessed !== undefined && { LastAccessedDate: new Date(row.accessed) }),
    ...(row.deletion && { DeletedDate: new Date(row.deletion.asked) }),
    CreatedDate: new Date(row.created),
    Tags: shownTags(row),
    VersionIdsToStages: stagesById(versionsOf(ctx, row)),
  };
}

/** AWS: the same token with the same value is the same request again. */
function repeated(ctx: SecretsContext, row: SecretRow, value: Value, id: string) {
  if (row.deletion) throw nameIsLeaving();
  const version = ctx.tables.versions.get(versionKey(row.arn, id));
  if (!version || JSON.stringify(reveal(ctx, row, version)) !== JSON.stringify(revealed(value)))
    throw secretExists(row.name);
  return { ARN: row.arn, Name: row.name, VersionId: id };
}

function revealed({ SecretString, SecretBinary }: Value): Value {
  return SecretBinary === undefined ? { SecretString } : { SecretBinary: Buffer.from(SecretBinary) };
}

/** AWS: its own sentence. API reference, CreateSecret, "Name". */
function checkedName(name: string): string {
  if (/^[A-Za-z0-9/_+=.@-]+$/.test(name)) return name;
  throw invalidParameter(
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
  );
}

const MOST_BYTES = 65_536;

export function checkValue(value: Value): void {
  if (value.SecretString !== undefined && value.SecretBinary !== undefined)
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  if (Buffer.byteLength(value.SecretString ?? "") > MOST_BYTES || (value.SecretBinary?.length ?? 0) > MOST_BYTES)
    throw invalidParameter("The secret value can have at most 65536 bytes.");
}

const UNBUILT = ["AddReplicaRegions", "Type", "CrossAccountPrimaryARN"];

function refuseUnbuilt(input: { readonly KmsKeyId?: string | undefined }): void {
  const given = UNBUILT.find((name) => {
    const value = (input as Record<string, unknown>)[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  if (given) throw notBuilt(given);
  if (input.KmsKeyId !== undefined && input.KmsKeyId !== "alias/aws/secretsmanager")
    throw notBuilt("KmsKeyId of another key than alias/aws/secretsmanager");
}
