import { CauceError, messageOf } from "#core";

/** The engine's own words, without its advice about options that nobody can set here. */
export function unreadable(
  name: string,
  error: unknown,
  fix = "Check the file, or save it again in another format.",
): CauceError {
  const why =
    messageOf(error)
      .split("\n")[0]
      ?.replace(/^[A-Za-z ]+Error: /, "")
      .replaceAll(/(["'])\/tmp\/.*?\1/g, name)
      .slice(0, 400) ?? "";
  return new CauceError({ code: "TableUnreadable", what: `${name} cannot be read.`, why, fix }, { cause: error });
}
