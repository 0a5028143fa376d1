import lists from "./plan-instance-regions.json" with { type: "json" };

export type Use = "hosting" | "processing" | "transform";

/**
 * Whether a region offers a type for a use. Undefined when nothing is known: a type or a region that is newer than the lists must not be
 * refused. Each list is `{ bits of regions in hexadecimal: types }`, the first region being the lowest bit.
 */
export function isOffered(use: Use, type: string, region: string): boolean | undefined {
  const at = lists.regions.indexOf(region);
  const [mask] = Object.entries(lists[use]).find(([, types]) => types.split(" ").includes(type)) ?? [];
  if (at < 0 || mask === undefined) return undefined;
  return ((BigInt(`0x${mask}`) >> BigInt(at)) & 1n) === 1n;
}
