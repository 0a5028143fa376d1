import { secretNotFound } from "./faults.ts";
import { secretKey, type SecretRow, type SecretsContext, versionKey, versionsOf } from "./state.ts";

/** A secret by its name, its ARN, or its ARN without the six characters at its end; the caller must be allowed to do this with it. */
export async function requireSecret(ctx: SecretsContext, id: string, operation: string): Promise<SecretRow> {
  const row = findSecret(ctx, id);
  const arn = row?.arn ?? (id.startsWith("arn:") ? id : arnOf(ctx, id));
  await authorize(ctx, operation, arn);
  if (!row) throw secretNotFound();
  return row;
}

export async function authorize(ctx: SecretsContext, operation: string, arn: string): Promise<void> {
  await ctx.authorize({ action: `secretsmanager:${operation}`, resource: arn });
}

export function findSecret(ctx: SecretsContext, id: string): SecretRow | undefined {
  const named = /^arn:[^:]*:secretsmanager:([^:]*):([^:]*):secret:(.+)$/.exec(id);
  if (!named) return living(ctx, ctx.region, id);
  const [, region = "", account = "", rest = ""] = named;
  if (region !== ctx.region || account !== ctx.account) return undefined;
  const row = living(ctx, region, rest.replace(/-[A-Za-z0-9]{6}$/, "")) ?? living(ctx, region, rest);
  return row && (row.arn === id || row.name === rest) ? row : undefined;
}

export function arnOf({ region, account }: Pick<SecretsContext, "region" | "account">, resource: string): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:${resource}`;
}

export function putSecret(ctx: SecretsContext, row: SecretRow): SecretRow {
  ctx.tables.secrets.put(secretKey(row.region, row.name), row);
  return row;
}

export function dropSecret(ctx: SecretsContext, row: SecretRow): void {
  ctx.kernel.transaction(() => {
    for (const { id } of versionsOf(ctx, row)) ctx.tables.versions.delete(versionKey(row.arn, id));
    ctx.tables.secrets.delete(secretKey(row.region, row.name));
  });
}

/** Removes what was marked for deletion long enough ago, in all regions. */
export function forgetDeleted(ctx: SecretsContext): void {
  for (const { row } of ctx.tables.secrets.list()) if (isDue(ctx, row)) dropSecret(ctx, row);
}

function living(ctx: SecretsContext, region: string, name: string): SecretRow | undefined {
  const row = ctx.tables.secrets.get(secretKey(region, name));
  return row && !isDue(ctx, row) ? row : undefined;
}

function isDue(ctx: SecretsContext, { deletion }: SecretRow): boolean {
  return deletion !== undefined && deletion.due <= ctx.now().getTime();
}
