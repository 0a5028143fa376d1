import { existsSync, readFileSync } from "node:fs";
import { CauceError, isRecord, parseJson } from "#core";

/** The role that `bootstrap` makes, and its trust policy: of an ARN, or as a file has it. */
export function readTrust(
  name: string | undefined,
  trust: string | undefined,
): { readonly name: string; readonly trust: string } | undefined {
  if (name === undefined && trust === undefined) return undefined;
  if (name === undefined || trust === undefined) throw incomplete(name === undefined ? "--role" : "--trust");
  if (/^arn:[\w-]+:(iam|sts)::\d{12}:/.test(trust)) return { name, trust: trustOf(trust) };
  const found = existsSync(trust) ? parseJson(readFileSync(trust, "utf8")) : undefined;
  if (!isRecord(found) || found["Statement"] === undefined) throw unreadable(trust);
  return { name, trust: JSON.stringify(found) };
}

function trustOf(arn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: arn }, Action: "sts:AssumeRole" }],
  });
}

function incomplete(missing: string): CauceError {
  return new CauceError({
    code: "RoleIncomplete",
    what: `${missing} is missing.`,
    why: "A role has a name, and somebody who may take it.",
    fix: "--role NAME --trust arn:aws:iam::123456789012:user/somebody, or a file with a trust policy",
  });
}

function unreadable(file: string): CauceError {
  return new CauceError({
    code: "TrustUnreadable",
    what: `${file} is no trust policy.`,
    why: "It is neither the ARN of a user, a role or an account nor a JSON file with a `Statement`.",
    fix: "Give an ARN such as arn:aws:iam::123456789012:root, or a file.",
  });
}
