/**
 * Where a service differs from what its model and protocol say. A service hands it in; this module knows none by name.
 * Everything is optional: most services need nothing.
 */
export interface Quirks {
  /** Takes the requests that no other service claims: unsigned ones, presigned ones, browsers. */
  readonly fallback?: boolean;
  /** The path label that the host may carry instead, e.g. `Bucket` in `bucket.s3.localhost`; `prefix` is then `s3`. */
  readonly hostLabel?: { readonly label: string; readonly prefix: string };
  /** Signing names besides the model's, e.g. of older clients. */
  readonly signingNames?: readonly string[];
  /** The path is percent-encoded once, not twice, in what is signed; a presigned body is not signed. */
  readonly singleEncodedPath?: boolean;
  /** The header of request ids; `x-amzn-requestid` when not given. */
  readonly requestIdHeader?: string;
  /** The status of a success where the output decides it: a part of an object is a 206. */
  readonly status?: (operation: string, output: Readonly<Record<string, unknown>>) => number | undefined;
  /** How constraints of the model answer. */
  readonly validation?: {
    /** `ValidationError` in Query services, `ValidationException` elsewhere, when not given. */
    readonly code?: string;
    /** `none`: the service checks by itself. */
    readonly style?: "detected" | "none";
    /** Places that the service checks by itself, as AWS writes them: `runtime`, `tags.1.member.key`. */
    readonly skip?: readonly string[];
  };
}
