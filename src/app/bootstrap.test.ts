import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readTrust } from "./bootstrap.ts";

const folder = mkdtempSync(join(tmpdir(), "cauce-trust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the role of who deploys", () => {
  it("trusts one that is named, or as a file says", () => {
    const arn = "arn:aws:iam::123456789012:user/ada";
    expect(JSON.parse(readTrust("deployer", arn)?.trust ?? "")).toMatchObject({
      Statement: [{ Effect: "Allow", Principal: { AWS: arn }, Action: "sts:AssumeRole" }],
    });
    const file = join(folder, "trust.json");
    writeFileSync(file, '{ "Version": "2012-10-17", "Statement": [] }');
    expect(readTrust("deployer", file)).toEqual({ name: "deployer", trust: '{"Version":"2012-10-17","Statement":[]}' });
    expect(readTrust(undefined, undefined)).toBeUndefined();
  });

  it("says what is missing", () => {
    expect(() => readTrust("deployer", undefined)).toThrow(/--trust is missing/);
    expect(() => readTrust(undefined, "arn:aws:iam::123456789012:root")).toThrow(/--role is missing/);
    expect(() => readTrust("deployer", join(folder, "nothing.json"))).toThrow(/no trust policy/);
  });
});
