import { fault } from "#protocol";

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

/** One page of rows that are in order. The marker says after how many the next begins. */
export function paginate<Row>(
  rows: readonly Row[],
  input: { Marker?: string | undefined; MaxItems?: number | undefined },
): Page<Row> {
  const from = input.Marker === undefined ? 0 : readMarker(input.Marker);
  const until = from + (input.MaxItems ?? 100);
  const more = until < rows.length;
  return {
    rows: rows.slice(from, until),
    IsTruncated: more,
    ...(more && { Marker: Buffer.from(String(until)).toString("base64url") }),
  };
}

function readMarker(marker: string): number {
  const text = Buffer.from(marker, "base64url").toString();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw fault("ValidationError", "Invalid Marker.", { status: 400 });
}
