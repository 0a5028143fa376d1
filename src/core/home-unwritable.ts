import { CauceError, messageOf } from "./errors.ts";

/** The folder of the state cannot be made or written to; `cause` is what the system said. */
export function homeUnwritable(home: string, cause: unknown): CauceError {
  return new CauceError(
    {
      code: "HomeUnwritable",
      what: `The folder ${home} cannot be written to.`,
      why: messageOf(cause),
      fix: "Make it writable, or set CAUCE_HOME to a folder that is.",
    },
    { cause },
  );
}
