import type { AccessKey, Context, Keyring, Live } from "#kernel";
import type { SessionRow, stsTables } from "./state.ts";

type StsContext = Context<typeof stsTables>;

const KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Sessions that were used lately, in memory: every request looks its key up. */
const known: Live<Map<string, AccessKey>> = { name: "sts.sessions", create: () => new Map() };

export function openSession(
  ctx: StsContext,
  seconds: number,
  principal: (accessKeyId: string) => SessionRow["principal"],
): SessionRow & { readonly accessKeyId: string } {
  const { ids } = ctx.kernel;
  // AWS: temporary keys begin with ASIA, tokens are opaque and of no fixed length.
  const accessKeyId = `ASIA${ids.token(16, KEY)}`;
  const session: SessionRow = {
    secretAccessKey: ids.token(40, SECRET),
    sessionToken: `IQoJ${ids.token(212, SECRET)}`,
    expires: Math.floor(ctx.now().getTime() / 1000 + seconds) * 1000,
    principal: principal(accessKeyId),
  };
  ctx.tables.sessions.put(accessKeyId, session);
  ctx.kernel.live(known).set(accessKeyId, toAccessKey(session));
  return { ...session, accessKeyId };
}

/** Expired sessions are found for an hour more, so that their holders read that they expired. */
export function createKeyring(ctx: StsContext): Keyring {
  const cache = ctx.kernel.live(known);
  return {
    find(accessKeyId) {
      const cached = cache.get(accessKeyId);
      if (cached) return cached;
      if (!accessKeyId.startsWith("ASIA")) return undefined;
      const stored = ctx.tables.sessions.get(accessKeyId);
      if (!stored) return undefined;
      const key = toAccessKey(stored);
      cache.set(accessKeyId, key);
      return key;
    },
  };
}

function toAccessKey(row: SessionRow): AccessKey {
  return { ...row, expires: new Date(row.expires) };
}

const HOUR = 3_600_000;

export function forgetExpiredSessions(ctx: StsContext): void {
  const cache = ctx.kernel.live(known);
  const before = ctx.now().getTime() - HOUR;
  for (const { key, row } of ctx.tables.sessions.list()) {
    if (row.expires >= before) continue;
    ctx.tables.sessions.delete(key);
    cache.delete(key);
  }
}

export const sweepEvery = HOUR / 4;

/** A session as STS hands it out. */
export function credentialsOf(session: ReturnType<typeof openSession>) {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expires),
  };
}
