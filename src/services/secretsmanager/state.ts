import { type Context, table, tableKey } from "#kernel";

export interface SecretRow {
  readonly name: string;
  /** Ends with six characters that a later secret of the same name does not have. */
  readonly arn: string;
  readonly region: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, as every time here. */
  readonly created: number;
  readonly changed: number;
  /** AWS: the day only. */
  readonly accessed?: number;
  /** When it was marked for deletion, and when it will go. */
  readonly deletion?: { readonly asked: number; readonly due: number };
}

/** A value, which only the key of this home opens. */
export interface VersionRow {
  readonly id: string;
  readonly created: number;
  readonly stages: readonly string[];
  readonly form: "text" | "bytes";
  /** Base64. */
  readonly sealed: string;
}

export const tables = {
  secrets: table<SecretRow>({ scope: "account" }),
  versions: table<VersionRow>({ scope: "account" }),
};

export type SecretsTables = typeof tables;
export type SecretsContext = Context<SecretsTables>;

export const secretKey = (region: string, name: string): string => tableKey(region, name);
export const versionKey = (arn: string, id: string): string => tableKey(arn, id);

export function versionsOf(ctx: Pick<SecretsContext, "tables">, { arn }: SecretRow): readonly VersionRow[] {
  return ctx.tables.versions.list({ prefix: versionKey(arn, "") }).map(({ row }) => row);
}
