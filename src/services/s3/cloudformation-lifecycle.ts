import type { InputOf } from "#kernel";
import { notImplemented } from "./faults.ts";

type Rule = NonNullable<
  NonNullable<InputOf<"s3", "PutBucketLifecycleConfiguration">["LifecycleConfiguration"]>["Rules"]
>[number];

/** A rule as a template writes it; numbers and booleans may be text there. */
export interface RuleProperties {
  readonly Id?: string;
  readonly Status: string;
  readonly Prefix?: string;
  readonly TagFilters?: readonly { readonly Key: string; readonly Value: string }[];
  readonly ObjectSizeGreaterThan?: number | string;
  readonly ObjectSizeLessThan?: number | string;
  readonly ExpirationInDays?: number | string;
  readonly ExpirationDate?: string;
  readonly ExpiredObjectDeleteMarker?: boolean | string;
  readonly NoncurrentVersionExpirationInDays?: number | string;
  readonly NoncurrentVersionExpiration?: {
    readonly NoncurrentDays: number | string;
    readonly NewerNoncurrentVersions?: number | string;
  };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number | string };
}

/** AWS: AWS::S3::Bucket Rule, CloudFormation template reference. */
export function toLifecycleRule(given: RuleProperties): Rule {
  const unknown = Object.keys(given).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw notImplemented(`${unknown} of a lifecycle rule of AWS::S3::Bucket`);
  const { AbortIncompleteMultipartUpload: abort, NoncurrentVersionExpiration: noncurrent } = given;
  const expiration = expirationOf(given);
  const days = noncurrent?.NoncurrentDays ?? given.NoncurrentVersionExpirationInDays;
  const newer = noncurrent?.NewerNoncurrentVersions;
  return {
    ...(given.Id !== undefined && { ID: given.Id }),
    Status: given.Status as "Enabled",
    Filter: filterOf(given),
    ...(Object.keys(expiration).length > 0 && { Expiration: expiration }),
    ...(days !== undefined && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: Number(days),
        ...(newer !== undefined && { NewerNoncurrentVersions: Number(newer) }),
      },
    }),
    ...(abort && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: Number(abort.DaysAfterInitiation) } }),
  };
}

const KNOWN = new Set([
  "Id",
  "Status",
  "Prefix",
  "TagFilters",
  "ObjectSizeGreaterThan",
  "ObjectSizeLessThan",
  "ExpirationInDays",
  "ExpirationDate",
  "ExpiredObjectDeleteMarker",
  "NoncurrentVersionExpirationInDays",
  "NoncurrentVersionExpiration",
  "AbortIncompleteMultipartUpload",
]);

function expirationOf(given: RuleProperties): NonNullable<Rule["Expiration"]> {
  const { ExpirationInDays: days, ExpirationDate: date, ExpiredObjectDeleteMarker: markers } = given;
  return {
    ...(days !== undefined && { Days: Number(days) }),
    ...(date !== undefined && { Date: new Date(date) }),
    ...(markers !== undefined && { ExpiredObjectDeleteMarker: markers === true || markers === "true" }),
  };
}

function filterOf(given: RuleProperties): NonNullable<Rule["Filter"]> {
  const { Prefix: prefix, TagFilters: tags = [], ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = given;
  const parts = {
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(above !== undefined && { ObjectSizeGreaterThan: Number(above) }),
    ...(below !== undefined && { ObjectSizeLessThan: Number(below) }),
  };
  const count = Object.keys(parts).length + tags.length;
  const [tag] = tags;
  if (count > 1) return { And: { ...parts, ...(tag && { Tags: [...tags] }) } };
  return tag ? { Tag: tag } : count === 0 ? { Prefix: "" } : parts;
}
