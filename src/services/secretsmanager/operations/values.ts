import type { Handlers } from "#kernel";
import { invalidParameter, notBuilt, valueNotFound } from "../faults.ts";
import { putSecret, requireSecret } from "../find.ts";
import { type SecretRow, type SecretsContext, type SecretsTables, type VersionRow, versionsOf } from "../state.ts";
import { addVersion, CURRENT, isGiven, reveal } from "../versions.ts";
import { checkValue, living } from "./secrets.ts";

const DAY = 86_400_000;

export const values = {
  async GetSecretValue(input, ctx) {
    const secret = living(await requireSecret(ctx, input.SecretId, "GetSecretValue"));
    const version = versionAsked(ctx, secret, input);
    const accessed = Math.floor(ctx.now().getTime() / DAY) * DAY;
    if (secret.accessed !== accessed) putSecret(ctx, { ...secret, accessed });
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      ...reveal(ctx, secret, version),
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.created),
    };
  },

  async PutSecretValue(input, ctx) {
    if (input.RotationToken !== undefined) throw notBuilt("RotationToken");
    checkValue(input);
    if (!isGiven(input)) throw invalidParameter("You must provide either SecretString or SecretBinary.");
    const secret = living(await requireSecret(ctx, input.SecretId, "PutSecretValue"));
    const id = input.ClientRequestToken ?? ctx.kernel.ids.uuid();
    const version = ctx.kernel.transaction(() => {
      const wanted = input.VersionStages ?? [CURRENT];
      // AWS: the first value of a secret is the current one, whatever was asked for.
      const stages = versionsOf(ctx, secret).length === 0 ? [...new Set([CURRENT, ...wanted])] : wanted;
      const made = addVersion(ctx, secret, input, { id, stages });
      putSecret(ctx, { ...secret, changed: ctx.now().getTime() });
      return made;
    });
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
  },

  async ListSecretVersionIds(input, ctx) {
    const secret = await requireSecret(ctx, input.SecretId, "ListSecretVersionIds");
    const Versions = versionsOf(ctx, secret).map(({ id, stages, created }) => ({
      VersionId: id,
      VersionStages: [...stages],
      CreatedDate: new Date(created),
    }));
    return { ARN: secret.arn, Name: secret.name, Versions };
  },
} satisfies Handlers<"secretsmanager", SecretsTables>;

function versionAsked(
  ctx: SecretsContext,
  secret: SecretRow,
  { VersionId: id, VersionStage: stage }: { VersionId?: string | undefined; VersionStage?: string | undefined },
): VersionRow {
  const wanted = stage ?? (id === undefined ? CURRENT : undefined);
  const found = versionsOf(ctx, secret).find(
    (row) => (id === undefined || row.id === id) && (wanted === undefined || row.stages.includes(wanted)),
  );
  if (found) return found;
  throw valueNotFound(id === undefined ? `staging label: ${wanted}` : `VersionId: ${id}`);
}
