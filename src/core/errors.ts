/** What a failure tells the person who can act on it; also the shape of `{"error": …}` with `--json`. */
export interface Explanation {
  /** A stable word for machines, e.g. `TargetMissing`. */
  readonly code: string;
  /** What failed, one sentence. */
  readonly what: string;
  /** Why it failed. */
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
}

/** A failure that the user can act on (exit code 1, or the one given). Anything else that is thrown is our bug (exit code 2). */
export class CauceError extends Error {
  readonly explanation: Explanation;
  readonly exitCode: number;

  constructor(explanation: Explanation, options: { readonly cause?: unknown; readonly exitCode?: number } = {}) {
    super(`${explanation.what} ${explanation.why}`.trim(), { cause: options.cause });
    this.name = "CauceError";
    this.explanation = explanation;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
