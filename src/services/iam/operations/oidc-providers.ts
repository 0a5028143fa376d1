import { formatArn } from "#core";
import type { Handlers } from "#kernel";
import { invalidInput, limitExceeded, oidcProviderExists, oidcProviderNotFound } from "../faults.ts";
import { paginate } from "../page.ts";
import type { IamContext } from "../require.ts";
import type { iamTables, OidcProviderRow } from "../state.ts";
import { addTags, removeTags } from "../tags.ts";
import { toTags } from "../views.ts";

export const oidcProviders = {
  CreateOpenIDConnectProvider(input, ctx) {
    assertUrl(input.Url);
    const host = hostOf(input.Url);
    const row: OidcProviderRow = {
      arn: formatArn({ service: "iam", region: "", account: ctx.account, resource: `oidc-provider/${host}` }),
      host,
      createdAt: ctx.now().toISOString(),
      clientIds: unique(input.ClientIDList ?? []),
      thumbprints: toThumbprints(input.ThumbprintList ?? []),
      tags: addTags({}, input.Tags),
    };
    if (ctx.tables.oidcProviders.get(row.arn.toLowerCase())) throw oidcProviderExists(input.Url);
    if (ctx.tables.oidcProviders.count() >= PROVIDERS)
      throw limitExceeded(`Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${PROVIDERS}`);
    save(ctx, row);
    return { OpenIDConnectProviderArn: row.arn, ...(input.Tags?.length && { Tags: toTags(row.tags) }) };
  },

  GetOpenIDConnectProvider(input, ctx) {
    const row = requireProvider(ctx, input.OpenIDConnectProviderArn);
    const tags = toTags(row.tags);
    return {
      Url: row.host,
      ClientIDList: [...row.clientIds],
      ThumbprintList: [...row.thumbprints],
      CreateDate: new Date(row.createdAt),
      ...(tags.length > 0 && { Tags: tags }),
    };
  },

  ListOpenIDConnectProviders(_input, ctx) {
    return { OpenIDConnectProviderList: ctx.tables.oidcProviders.list().map(({ row }) => ({ Arn: row.arn })) };
  },

  /** AWS: no failure when it is among them already (API reference). */
  AddClientIDToOpenIDConnectProvider(input, ctx) {
    const row = requireProvider(ctx, input.OpenIDConnectProviderArn);
    const clientIds = unique([...row.clientIds, input.ClientID]);
    if (clientIds.length > CLIENTS)
      throw limitExceeded(`Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${CLIENTS}`);
    save(ctx, { ...row, clientIds });
    return {};
  },

  /** AWS: no failure when it is not among them (API reference). */
  RemoveClientIDFromOpenIDConnectProvider(input, ctx) {
    const row = requireProvider(ctx, input.OpenIDConnectProviderArn);
    save(ctx, { ...row, clientIds: row.clientIds.filter((one) => one !== input.ClientID) });
    return {};
  },

  UpdateOpenIDConnectProviderThumbprint(input, ctx) {
    const row = requireProvider(ctx, input.OpenIDConnectProviderArn);
    save(ctx, { ...row, thumbprints: toThumbprints(input.ThumbprintList) });
    return {};
  },

  TagOpenIDConnectProvider(input, ctx) {
    const row = requireProvider(ctx, input.OpenIDConnectProviderArn);
    save(ctx, { ...row, tags: addTags(row.tags, input.Tags) });
    return {};
  },

  UntagOpenIDConnectProvider(input, ctx) {
    const row = requireProvider(ctx, input.OpenIDConnectProviderArn);
    save(ctx, { ...row, tags: removeTags(row.tags, input.TagKeys) });
    return {};
  },

  ListOpenIDConnectProviderTags(input, ctx) {
    const { tags } = requireProvider(ctx, input.OpenIDConnectProviderArn);
    const { rows, ...page } = paginate(toTags(tags), input);
    return { Tags: [...rows], ...page };
  },

  /** AWS: roles that name it keep doing so, and trust nobody any more (API reference). */
  DeleteOpenIDConnectProvider(input, ctx) {
    ctx.tables.oidcProviders.delete(requireProvider(ctx, input.OpenIDConnectProviderArn).arn.toLowerCase());
    return {};
  },
} satisfies Handlers<"iam", typeof iamTables>;

export function hostOf(url: string): string {
  return url.replace(/^https:\/\//i, "").replace(/\/$/, "");
}

/** AWS: IAM quotas. */
const [PROVIDERS, CLIENTS, THUMBPRINTS] = [100, 100, 5];

/** AWS: https, no query, no port ("Create an OpenID Connect (OIDC) identity provider in IAM"); here a port may be said, for an issuer of this machine. */
function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.protocol === "https:" && url.search === "" && url.hash === "" && url.username === "";
  const local = url !== undefined && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (!plain || (url.port !== "" && !local)) throw invalidInput("Invalid Open ID Connect Provider URL");
}

function toThumbprints(list: readonly string[]): string[] {
  if (list.length > THUMBPRINTS) throw invalidInput("Thumbprint list must contain fewer than 5 entries.");
  if (!list.every((one) => /^[0-9a-f]{40}$/i.test(one))) throw invalidInput("Invalid thumbprint.");
  return list.map((one) => one.toLowerCase());
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}

function requireProvider(ctx: IamContext, arn: string): OidcProviderRow {
  const row = ctx.tables.oidcProviders.get(arn.toLowerCase());
  if (!row) throw oidcProviderNotFound(arn);
  return row;
}

function save(ctx: IamContext, row: OidcProviderRow): void {
  ctx.tables.oidcProviders.put(row.arn.toLowerCase(), row);
}
