import { expect, it } from "vitest";
import { CauceError } from "#core";
import { requireProfile } from "./destination.ts";

it("a target that does not exist is answered with those that do, none of which is called close to it", () => {
  for (const name of ["gcp", "azure", "ec3", ""]) {
    const error = refusalOf(name);
    expect(error.explanation).toMatchObject({
      code: "TargetUnknown",
      why: expect.stringMatching(/embedded \(.*aws \(.*ec2 \(/) as string,
      fix: expect.stringContaining("--to embedded, --to aws, --to ec2") as string,
    });
    expect(error.message).not.toContain("Did you mean");
  }
});

function refusalOf(name: string): CauceError {
  try {
    requireProfile(name);
  } catch (error) {
    if (error instanceof CauceError) return error;
  }
  throw new Error(`${name} was taken.`);
}
