import { versionExists } from "./faults.ts";
import { seal } from "./seal.ts";
import { type SecretRow, type SecretsContext, versionKey, type VersionRow, versionsOf } from "./state.ts";

export interface Value {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

export const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";

export const isGiven = (value: Value): boolean => value.SecretString !== undefined || value.SecretBinary !== undefined;

/**
 * A new version under these stages. The one that was current becomes the previous one; what has no stage any more is forgotten. The same
 * token with the same value changes nothing.
 */
export function addVersion(
  ctx: SecretsContext,
  secret: SecretRow,
  value: Value,
  { id, stages }: { readonly id: string; readonly stages: readonly string[] },
): VersionRow {
  const known = ctx.tables.versions.get(versionKey(secret.arn, id));
  if (known) {
    if (!isSame(reveal(ctx, secret, known), value)) throw versionExists();
    return known;
  }
  const bytes = value.SecretBinary ?? Buffer.from(value.SecretString ?? "");
  const row: VersionRow = {
    id,
    created: ctx.now().getTime(),
    stages,
    form: value.SecretBinary === undefined ? "text" : "bytes",
    sealed: ctx.kernel.live(seal).close(bytes, versionKey(secret.arn, id)),
  };
  const before = versionsOf(ctx, secret);
  ctx.kernel.transaction(() => {
    for (const other of before) restage(ctx, secret, other, stages);
    ctx.tables.versions.put(versionKey(secret.arn, id), row);
  });
  return row;
}

function restage(ctx: SecretsContext, secret: SecretRow, row: VersionRow, taken: readonly string[]): void {
  const wasCurrent = taken.includes(CURRENT) && row.stages.includes(CURRENT);
  const stays = row.stages.filter(
    (stage) => !taken.includes(stage) && !(taken.includes(CURRENT) && stage === PREVIOUS),
  );
  const stages = wasCurrent ? [...stays, PREVIOUS] : stays;
  const key = versionKey(secret.arn, row.id);
  if (stages.length === 0) ctx.tables.versions.delete(key);
  else ctx.tables.versions.put(key, { ...row, stages });
}

export function reveal(ctx: SecretsContext, secret: SecretRow, row: VersionRow): Value {
  const bytes = ctx.kernel.live(seal).open(row.sealed, versionKey(secret.arn, row.id));
  return row.form === "text" ? { SecretString: bytes.toString() } : { SecretBinary: bytes };
}

function isSame(one: Value, other: Value): boolean {
  if (one.SecretString !== undefined) return one.SecretString === other.SecretString;
  return Buffer.compare(one.SecretBinary ?? Buffer.of(), other.SecretBinary ?? Buffer.of()) === 0;
}

export function stagesById(rows: readonly VersionRow[]): Record<string, string[]> {
  return Object.fromEntries(rows.map(({ id, stages }) => [id, [...stages]]));
}
