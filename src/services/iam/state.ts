import { table } from "#kernel";

export interface RoleRow {
  readonly name: string;
  /** `AROA…`; a role that is made again gets another. */
  readonly id: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: string;
  readonly description?: string;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly trustPolicy: string;
  /** Documents by name. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
  /** ARNs, in the order of attachment. */
  readonly attachedPolicies: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface PolicyRow {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly description?: string;
  readonly defaultVersion: string;
  readonly lastVersion: number;
  readonly versions: readonly PolicyVersionRow[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface PolicyVersionRow {
  readonly id: string;
  readonly document: string;
  readonly createdAt: string;
}

/** What hands a role to instances; `role` is its name. */
export interface InstanceProfileRow {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: string;
  readonly role?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Who signs identities from outside: an OpenID Connect issuer. */
export interface OidcProviderRow {
  readonly arn: string;
  /** Without `https://`, as the ARN and the condition keys have it. */
  readonly host: string;
  readonly createdAt: string;
  /** The audiences that are meant for this account. */
  readonly clientIds: readonly string[];
  /** SHA-1 of certificates to trust besides those of the known authorities. */
  readonly thumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** AWS: IAM is global, and names differ not by case alone: these tables are keyed by lower-case names. */
export const iamTables = {
  roles: table<RoleRow>({ scope: "account" }),
  policies: table<PolicyRow>({ scope: "account" }),
  instanceProfiles: table<InstanceProfileRow>({ scope: "account" }),
  oidcProviders: table<OidcProviderRow>({ scope: "account" }),
};
