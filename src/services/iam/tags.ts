import { invalidInput, limitExceeded } from "./faults.ts";

type Tags = Readonly<Record<string, string>>;
type TagInput = readonly { Key: string; Value: string }[];

export function addTags(tags: Tags, input: TagInput | undefined): Tags {
  const seen = new Set<string>();
  for (const { Key: key } of input ?? []) {
    if (seen.has(key.toLowerCase()))
      throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    seen.add(key.toLowerCase());
  }
  const given = (input ?? []).map(({ Key, Value }) => [Key, Value] as const);
  const all = {
    ...Object.fromEntries(Object.entries(tags).filter(([key]) => !seen.has(key.toLowerCase()))),
    ...Object.fromEntries(given),
  };
  if (Object.keys(all).length > 50) throw limitExceeded("The number of tags has reached the maximum limit.");
  return all;
}

export function removeTags(tags: Tags, keys: readonly string[]): Tags {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key.toLowerCase())));
}
