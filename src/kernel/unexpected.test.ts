import { describe, expect, test } from "vitest";
import { isCutOff, unexpected } from "./unexpected.ts";

const coded = (code: string) => Object.assign(new Error(code), { code });

describe("a failure that is not a fault", () => {
  test("of the disk is told by name, wherever it came from", () => {
    for (const error of [
      coded("ENOSPC"),
      coded("EDQUOT"),
      new Error("database or disk is full"),
      new Error("x", { cause: coded("ENOSPC") }),
    ])
      expect(unexpected("s3", error)).toMatchObject({
        code: "InternalError",
        status: 500,
        message: expect.stringContaining("disk") as string,
      });
  });

  test("of ours is in the log, not in the answer", () => {
    expect(unexpected("iam", new Error("secret"))).toMatchObject({
      code: "InternalFailure",
      message: "Cauce failed; its log has the details.",
    });
  });

  test("of the connection is no failure of ours", () => {
    expect([coded("ECONNRESET"), coded("ENOSPC"), "x"].map(isCutOff)).toEqual([true, false, false]);
  });
});
