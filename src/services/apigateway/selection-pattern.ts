/** The whole text must fit, as in Java; flags at the beginning, `(?i)`, are Java's way to write them. Throws for what is no pattern. */
export function toSelectionPattern(source: string): RegExp {
  const [prefix = "", flags = ""] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  return new RegExp(`^(?:${source.slice(prefix.length)})$`, flags);
}
