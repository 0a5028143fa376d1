import { badRequest } from "../faults.ts";

interface Asked {
  readonly position?: string | undefined;
  readonly limit?: number | undefined;
}

/** One page of a list; the position of the next one is the id of the last item. AWS: 25 unless asked, 500 at most. */
export function pageOf<T>(
  all: readonly T[],
  asked: Asked,
  idOf: (item: T) => string,
): { items: T[]; position: { position?: string } } {
  const limit = Math.min(asked.limit || 25, 500);
  const after = asked.position === undefined ? undefined : Buffer.from(asked.position, "base64url").toString();
  const start = after === undefined ? 0 : all.findIndex((item) => idOf(item) === after) + 1;
  if (after !== undefined && start === 0) throw badRequest("Invalid position parameter specified");
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  const more = start + limit < all.length && last !== undefined;
  return { items, position: more ? { position: Buffer.from(idOf(last)).toString("base64url") } : {} };
}
