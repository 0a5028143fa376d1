/** One page of a list, and how to ask for the next: to be spread into the answer, nothing when this was the last. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: { readonly NextToken?: string };
}

/** The part of `rows` that a `NextToken` asks for; the token says after how many of them it begins. One that was not given throws `refuse`'s fault. */
export function pageOfRows<Row>(
  rows: readonly Row[],
  asked: { readonly token: string | undefined; readonly most: number; readonly refuse: (token: string) => Error },
): Page<Row> {
  const from = asked.token === undefined ? 0 : readToken(asked.token, asked.refuse);
  const until = from + asked.most;
  return {
    rows: rows.slice(from, until),
    next: until < rows.length ? { NextToken: Buffer.from(`next:${until}`).toString("base64url") } : {},
  };
}

function readToken(token: string, refuse: (token: string) => Error): number {
  const [, position] = /^next:(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (position === undefined) throw refuse(token);
  return Number(position);
}
