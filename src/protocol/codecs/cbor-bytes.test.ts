import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCbor, encodeCbor } from "./cbor-bytes.ts";

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.constant(null),
    // On the wire a time is seconds in a double: beyond some 100,000 years that cannot hold every millisecond.
    fc.date({ noInvalidDate: true, min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z") }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie("any")),
    fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), tie("any")),
  ),
})).any;

test("what is written is read back", () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(plain(decodeCbor(encodeCbor(given)))).toEqual(plain(given));
    }),
  );
});

test("rubbish is refused, never anything else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decodeCbor(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2000 },
  );
});

// RFC 8949, appendix A.
test.each([
  ["1903e8", 1000],
  ["1bffffffffffffffff", 18446744073709551615n],
  ["3903e7", -1000],
  ["3bffffffffffffffff", -18446744073709551616n],
  ["c249010000000000000000", 18446744073709551616n],
  ["f93c00", 1],
  ["f97bff", 65504],
  ["f90001", 5.960464477539063e-8],
  ["f9fc00", Number.NEGATIVE_INFINITY],
  ["fa47c35000", 100000],
  ["fb3ff199999999999a", 1.1],
  ["c11a514b67b0", new Date("2013-03-21T20:04:00Z")],
  ["5f42010243030405ff", Buffer.of(1, 2, 3, 4, 5)],
  ["7f657374726561646d696e67ff", "streaming"],
  ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
  ["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
])("%s", (hex, expected) => {
  expect(decodeCbor(Buffer.from(hex, "hex"))).toEqual(expected);
});

/** Without the differences that CBOR does not carry: -0n, fractions of a millisecond, prototypes. */
function plain(given: unknown): unknown {
  if (given instanceof Date) return given.toISOString();
  if (given instanceof Uint8Array) return Buffer.from(given).toString("hex");
  if (Array.isArray(given)) return given.map(plain);
  if (typeof given === "object" && given !== null)
    return Object.entries(given).map(([key, inner]) => [key, plain(inner)]);
  return given;
}
