import type { Handlers } from "#kernel";
import { invalidParameter } from "../faults.ts";
import { putSecret, requireSecret } from "../find.ts";
import type { SecretRow, SecretsTables } from "../state.ts";

export const tags = {
  async TagResource(input, ctx) {
    const row = await requireSecret(ctx, input.SecretId, "TagResource");
    putSecret(ctx, { ...row, tags: checkedTags(row.tags, input.Tags) });
    return {};
  },

  async UntagResource(input, ctx) {
    const row = await requireSecret(ctx, input.SecretId, "UntagResource");
    const left = Object.entries(row.tags).filter(([key]) => !input.TagKeys.includes(key));
    putSecret(ctx, { ...row, tags: Object.fromEntries(left) });
    return {};
  },
} satisfies Handlers<"secretsmanager", SecretsTables>;

const MOST = 50;

export function checkedTags(
  present: SecretRow["tags"],
  more: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Record<string, string> {
  const all = { ...present };
  for (const { Key = "", Value = "" } of more) {
    if (Key.startsWith("aws:")) throw invalidParameter("Tag keys that begin with aws: are reserved for AWS.");
    all[Key] = Value;
  }
  if (Object.keys(all).length > MOST) throw invalidParameter(`A secret can have at most ${MOST} tags.`);
  return all;
}

export function shownTags(row: SecretRow): { Key: string; Value: string }[] {
  return Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value }));
}
