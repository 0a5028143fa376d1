export type TimestampFormat = "iso8601" | "unixTimestamp" | "rfc822";

/** Any of the three forms, whichever was announced: clients differ. Undefined when it is none of them. */
export function parseTimestamp(raw: unknown): Date | undefined {
  const milliseconds = typeof raw === "number" ? raw * 1000 : typeof raw === "string" ? fromText(raw) : Number.NaN;
  const date = new Date(Math.round(milliseconds));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function formatTimestamp(value: unknown, format: string): string {
  const date = value instanceof Date ? value : new Date(value as string | number);
  switch (normalize(format)) {
    case "rfc822":
      return date.toUTCString();
    case "unixTimestamp":
      return String(date.getTime() / 1000);
    default:
      return date.toISOString().replace(".000Z", "Z");
  }
}

/** Models say `unixTimestamp`, `unixTimestampInMillis`, `iso8601`, `rfc822`, `http-date`, `date-time`, `epoch-seconds`. */
export function normalize(format: string): TimestampFormat {
  if (format === "rfc822" || format === "http-date") return "rfc822";
  return format.startsWith("unix") || format === "epoch-seconds" ? "unixTimestamp" : "iso8601";
}

function fromText(text: string): number {
  return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
