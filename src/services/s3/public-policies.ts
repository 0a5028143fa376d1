import { isRecord } from "#core";
import { statementsOf, toList } from "./policy-grammar.ts";

/** AWS: "The meaning of public", S3 user guide: whoever is not held by a fixed value of one of these keys may be anybody. */
export function isPublic(policy: string): boolean {
  return statementsOf(policy).some((statement) => {
    if (statement["Effect"] !== "Allow") return false;
    const { Principal: principal } = statement;
    const everybody =
      principal === undefined || principal === "*" || (isRecord(principal) && toList(principal["AWS"]).includes("*"));
    return everybody && !isHeld(statement["Condition"]);
  });
}

const HOLDS = new Set([
  "aws:sourceip",
  "aws:sourcearn",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceowner",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:userid",
  "s3:dataaccesspointarn",
  "s3:dataaccesspointaccount",
  "s3:x-amz-server-side-encryption-aws-kms-key-id",
]);

function isHeld(conditions: unknown): boolean {
  if (!isRecord(conditions)) return false;
  return Object.entries(conditions).some(([operator, keys]) => {
    if (!/^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/.test(operator))
      return false;
    return (
      isRecord(keys) && Object.entries(keys).some(([key, values]) => HOLDS.has(key.toLowerCase()) && isFixed(values))
    );
  });
}

function isFixed(values: unknown): boolean {
  return toList(values)
    .map(String)
    .every((value) => !/[*?]|\$\{/.test(value) && !isWide(value));
}

/** AWS: a range of addresses that is wider than these is the internet. */
function isWide(value: string): boolean {
  const [address = "", bits] = value.split("/");
  return bits !== undefined && /^[\d.:a-f]+$/i.test(address) && Number(bits) < (address.includes(":") ? 32 : 8);
}
