import { CauceError } from "#core";

/** Lambda hands on an error's name and message only, so the message carries the explanation. */
export function carried(error: unknown): unknown {
  if (!(error instanceof CauceError)) return error;
  const plain = new Error(JSON.stringify(error.explanation));
  plain.name = "CauceError";
  plain.stack = "";
  return plain;
}
