import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { HmacKey } from "./hmac-key.ts";

describe("an HMAC key", () => {
  const key = Buffer.from("6c5b0d0f3b6e0f8d4a1c2b7e9d8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f", "hex");
  const expected = (text: string) => createHmac("sha256", key).update(text).digest("hex");

  it.each(["", "AWS4-HMAC-SHA256\n20261122T101500Z", "región ☃", "x".repeat(341), "x".repeat(342), "ñ".repeat(5000)])(
    "signs as node:crypto does (%#)",
    (text) => {
      expect(new HmacKey(key).sign(text)).toBe(expected(text));
    },
  );

  it("keeps nothing of what it signed before", () => {
    const one = new HmacKey(key);
    one.sign("a much longer text than the next one");
    expect(one.sign("short")).toBe(expected("short"));
    expect(one.sign("short")).toBe(expected("short"));
  });
});
