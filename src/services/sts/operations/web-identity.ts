import { AwsFault } from "#protocol";
import { type Context, type FederatedPrincipal, type Handlers, type InputOf, rootPrincipal } from "#kernel";
import { accessDenied, invalidIdentityToken, notBuilt } from "../faults.ts";
import { openRoleSession } from "../role-session.ts";
import type { stsTables } from "../state.ts";
import { fetchKeys } from "../web-identity/issuer.ts";
import { assertInTime, isSignedBy, readToken, type Token } from "../web-identity/token.ts";

type StsContext = Context<typeof stsTables>;

const ACTION = "sts:AssumeRoleWithWebIdentity";

/** Asked without a signature: a token that an issuer signed stands for it. */
export const webIdentity = {
  async AssumeRoleWithWebIdentity(input, ctx) {
    if (input.ProviderId !== undefined) throw notBuilt("OAuth 2.0 access tokens");
    const token = readToken(input.WebIdentityToken);
    const provider = await requireProvider(token, ctx);
    const audience = token.audiences.find((one) => provider.clientIds.includes(one));
    if (audience === undefined) throw invalidIdentityToken("Incorrect token audience");
    assertInTime(token, ctx.now());
    await assertSigned(token, provider.thumbprints);
    await assertTrusted(input, { token, provider, audience }, ctx);
    const opened = await openRoleSession(input, ctx);
    return {
      ...opened,
      SubjectFromWebIdentityToken: token.subject,
      Audience: audience,
      Provider: provider.arn,
    };
  },
} satisfies Handlers<"sts", typeof stsTables>;

interface Provider {
  readonly arn: string;
  /** As the condition keys have it. */
  readonly host: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
}

/** The account's provider for the issuer that the token names. */
async function requireProvider({ issuer }: Token, ctx: StsContext): Promise<Provider> {
  const host = issuer.replace(/^https:\/\//, "").replace(/\/$/, "");
  const arn = `arn:aws:iam::${ctx.account}:oidc-provider/${host}`;
  try {
    const input = { OpenIDConnectProviderArn: arn };
    const found = await ctx.call("iam", "GetOpenIDConnectProvider", input, { as: rootPrincipal(ctx.account) });
    return { arn, host, clientIds: found.ClientIDList ?? [], thumbprints: found.ThumbprintList ?? [] };
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    throw invalidIdentityToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
}

async function assertSigned(token: Token, thumbprints: readonly string[]): Promise<void> {
  let keys: Awaited<ReturnType<typeof fetchKeys>>;
  try {
    keys = await fetchKeys(token.issuer, thumbprints);
  } catch (error) {
    throw invalidIdentityToken(
      `Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  if (!isSignedBy(token, keys)) throw invalidIdentityToken("The token is not signed by a key of its issuer.");
}

/** AWS: a role that does not exist is answered as one that does not trust. */
async function assertTrusted(
  { RoleArn, RoleSessionName }: InputOf<"sts", "AssumeRoleWithWebIdentity">,
  { token, provider: { arn, host }, audience }: { token: Token; provider: Provider; audience: string },
  ctx: StsContext,
): Promise<void> {
  const principal: FederatedPrincipal = {
    type: "federated",
    arn: `${arn}:${token.subject}`,
    account: ctx.account,
    provider: arn,
  };
  const conditions = {
    [`${host}:sub`]: token.subject,
    [`${host}:aud`]: audience,
    ...(token.methods.length > 0 && { [`${host}:amr`]: token.methods }),
    "sts:RoleSessionName": RoleSessionName,
  };
  try {
    await ctx.as(principal).authorize({ action: ACTION, resource: RoleArn, conditions });
  } catch (error) {
    throw error instanceof AwsFault ? accessDenied(ACTION) : error;
  }
}
