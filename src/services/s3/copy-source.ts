import { invalidArgument, notImplemented } from "./faults.ts";

export interface CopySource {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

/** `bucket/key?versionId=…`, percent-encoded, with or without a slash at the front. */
export function parseCopySource(header: string): CopySource {
  if (header.startsWith("arn:")) throw notImplemented("copies from access points");
  const at = header.lastIndexOf("?versionId=");
  const path = decode(header, at < 0 ? header : header.slice(0, at)).replace(/^\//, "");
  const slash = path.indexOf("/");
  if (slash <= 0 || slash === path.length - 1) throw invalid(header);
  return {
    Bucket: path.slice(0, slash),
    Key: path.slice(slash + 1),
    ...(at >= 0 && { VersionId: header.slice(at + "?versionId=".length) }),
  };
}

function decode(header: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(header);
  }
}

function invalid(header: string) {
  return invalidArgument(
    "x-amz-copy-source",
    header,
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
  );
}
