import type { Filter, TagSpecification } from "@aws-sdk/client-ec2";
import { invalid } from "./faults.ts";

/** What a filter may ask of a row, by the filter's name. `tag:*` and `tag-key` are of every row that has tags. */
export type Asked<Row> = Readonly<Record<string, (row: Row) => readonly (string | undefined)[]>>;

/** The rows that fit all filters; each fits by any of its values, in which `*` and `?` stand for others. */
export function filterRows<Row extends object>(
  rows: readonly Row[],
  filters: readonly Filter[] | undefined,
  asked: Asked<Row>,
): Row[] {
  const tests = (filters ?? []).map(({ Name = "", Values = [] }) => {
    const read = readerOf(Name, asked);
    const patterns = Values.map(toPattern);
    return (row: Row) => read(row).some((value) => value !== undefined && patterns.some((one) => one.test(value)));
  });
  return rows.filter((row) => tests.every((test) => test(row)));
}

function readerOf<Row extends object>(name: string, asked: Asked<Row>): Asked<Row>[string] {
  const known = Object.hasOwn(asked, name) ? asked[name] : undefined;
  if (known) return known;
  if (name === "tag-key") return (row: Row) => Object.keys(tagsIn(row));
  if (name.startsWith("tag:")) return (row: Row) => [tagsIn(row)[name.slice(4)]];
  throw invalid(`The filter '${name}' is invalid`);
}

function tagsIn(row: object): Readonly<Record<string, string>> {
  return (row as { readonly tags?: Readonly<Record<string, string>> }).tags ?? {};
}

function toPattern(value: string): RegExp {
  const text = value
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${text}$`, "s");
}

/** The tags that a request gives to what it makes. */
export function tagsFor(
  specifications: readonly TagSpecification[] | undefined,
  type: string,
): Readonly<Record<string, string>> {
  const found = (specifications ?? []).filter(({ ResourceType }) => ResourceType === type);
  return Object.fromEntries(found.flatMap(({ Tags = [] }) => Tags.map(({ Key = "", Value = "" }) => [Key, Value])));
}

export function toTags(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
