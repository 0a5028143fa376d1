import type { InputOf } from "#kernel";
import type { AwsFault } from "#protocol";
import { invalidArgument, invalidRequest, malformedXml, notImplemented } from "./faults.ts";
import type { LifecycleFilter, LifecycleRow } from "./state.ts";
import { toTags } from "./tags.ts";

type Rule = NonNullable<
  NonNullable<InputOf<"s3", "PutBucketLifecycleConfiguration">["LifecycleConfiguration"]>["Rules"]
>[number];

/** Rules as they are put, checked as AWS does (API reference, PutBucketLifecycleConfiguration, and its sentences). */
export function toLifecycle(rules: readonly Rule[] | undefined, newId: () => string): LifecycleRow[] {
  if (!rules || rules.length === 0 || rules.length > MOST_RULES) throw malformedXml();
  const rows = rules.map((rule) => toRow(rule, newId));
  const ids = new Set<string>();
  for (const { id } of rows) {
    if (ids.has(id)) throw refused("Rule ID must be unique. Found same ID for more than one rule", "ID", id);
    ids.add(id);
  }
  return rows;
}

const MOST_RULES = 1000;

function toRow(rule: Rule, newId: () => string): LifecycleRow {
  const { ID: id = newId(), Status: status, Prefix: prefix } = rule;
  if (id.length > 255) throw refused("ID length should not exceed allowed limit of 255", "ID", id);
  assertForm(rule);
  const filter = rule.Filter && toFilter(rule.Filter);
  const row = {
    id,
    isOn: status === "Enabled",
    ...(prefix !== undefined && { prefix }),
    ...(filter && { filter }),
    ...actionsOf(rule, filter),
  };
  if (!row.expiration && !row.noncurrent && row.abortAfter === undefined) {
    throw invalidRequest("At least one action needs to be specified in a rule.");
  }
  return row;
}

function assertForm({ Status: status, Filter: filter, Prefix: prefix, ...rule }: Rule): void {
  if (status !== "Enabled" && status !== "Disabled") throw malformedXml();
  // AWS: one of the two; the prefix alone is how rules were written before there were filters.
  if ((filter === undefined) === (prefix === undefined)) throw malformedXml();
  if (!rule.Transitions?.length && !rule.NoncurrentVersionTransitions?.length) return;
  throw notImplemented("transitions to other storage classes");
}

function actionsOf(rule: Rule, filter: LifecycleFilter | undefined) {
  const { Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = rule;
  const { AbortIncompleteMultipartUpload: abort } = rule;
  if (expiration?.ExpiredObjectDeleteMarker) assertUnfiltered("ExpiredObjectDeleteMarker", filter);
  if (abort) assertUnfiltered("AbortIncompleteMultipartUpload", filter);
  if (noncurrent?.NewerNoncurrentVersions !== undefined && !filter) {
    throw invalidRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2.");
  }
  return {
    ...(expiration && { expiration: toExpiration(expiration) }),
    ...(noncurrent && { noncurrent: toNoncurrent(noncurrent) }),
    ...(abort && {
      abortAfter: days(abort.DaysAfterInitiation, "DaysAfterInitiation", "AbortIncompleteMultipartUpload"),
    }),
  };
}

function toExpiration(given: NonNullable<Rule["Expiration"]>): NonNullable<LifecycleRow["expiration"]> {
  const { Days: after, Date: date, ExpiredObjectDeleteMarker: markers } = given;
  if ([after, date, markers].filter((one) => one !== undefined).length !== 1) throw malformedXml();
  if (after !== undefined) return { days: days(after, "Days", "Expiration") };
  if (date === undefined) return { markers: markers ?? false };
  const time = date.getTime();
  if (Number.isNaN(time)) throw malformedXml();
  if (time % DAY !== 0) throw refused("'Date' must be at midnight GMT", "Date", date.toISOString());
  return { date: time };
}

const DAY = 86_400_000;
const MOST_NEWER = 100;

function toNoncurrent(
  given: NonNullable<Rule["NoncurrentVersionExpiration"]>,
): NonNullable<LifecycleRow["noncurrent"]> {
  const { NoncurrentDays: after, NewerNoncurrentVersions: newer } = given;
  const row = { days: days(after, "NoncurrentDays", "NoncurrentVersionExpiration") };
  if (newer === undefined) return row;
  if (newer >= 1 && newer <= MOST_NEWER) return { ...row, newer };
  const message = "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer";
  throw refused(message, "NewerNoncurrentVersions", newer);
}

function days(given: number | undefined, name: string, action: string): number {
  if (given === undefined) throw malformedXml();
  if (Number.isInteger(given) && given > 0) return given;
  throw refused(`'${name}' for ${action} action must be a positive integer`, name, given);
}

function toFilter(given: NonNullable<Rule["Filter"]>): LifecycleFilter {
  const parts = Object.entries(given).filter(([, value]) => value !== undefined);
  if (parts.length > 1) throw malformedXml();
  const { And: and, Prefix: prefix, Tag: tag, ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = given;
  if (!and) return checked({ prefix, tags: tag && [tag], above, below });
  const { Prefix: shared, Tags: tags, ObjectSizeGreaterThan: over, ObjectSizeLessThan: under } = and;
  const count = [shared, over, under].filter((one) => one !== undefined).length + (tags?.length ?? 0);
  if (count < 2) throw malformedXml();
  return { ...checked({ prefix: shared, tags, above: over, below: under }), all: true };
}

function checked(given: {
  readonly prefix: string | undefined;
  readonly tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
  readonly above: number | undefined;
  readonly below: number | undefined;
}): LifecycleFilter {
  const { prefix, tags, above, below } = given;
  if (above !== undefined && below !== undefined && below <= above) {
    throw invalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'");
  }
  return {
    ...(prefix !== undefined && { prefix }),
    ...(tags && { tags: toTags(tags, 50) }),
    ...(above !== undefined && { above }),
    ...(below !== undefined && { below }),
  };
}

/** AWS: what is no object has neither tags nor a size. */
function assertUnfiltered(action: string, filter: LifecycleFilter | undefined): void {
  if (filter?.tags) throw invalidRequest(`${action} cannot be specified with Tags.`);
  if (filter?.above === undefined && filter?.below === undefined) return;
  throw invalidRequest(`${action} cannot be specified with Object Size.`);
}

function refused(message: string, name: string, value: unknown): AwsFault {
  return invalidArgument(name, value, message);
}
