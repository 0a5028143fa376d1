import { PassThrough, Readable } from "node:stream";
import { expect, it } from "vitest";
import { readAll } from "./body.ts";

it("gives the whole of a body, also of an empty one", async () => {
  const parts = Readable.from([Buffer.from("one "), Buffer.from("two")]);
  expect((await readAll(parts, 7)).toString()).toBe("one two");
  expect(await readAll(Readable.from([]), 7)).toHaveLength(0);
});

it("refuses one that is larger than it may be", async () => {
  await expect(readAll(Readable.from([Buffer.from("12345678")]), 7)).rejects.toMatchObject({
    code: "RequestEntityTooLargeException",
    status: 413,
  });
});

it("fails when the other side goes away, before or while it is read", async () => {
  const gone = new PassThrough();
  const reading = readAll(gone, 100);
  gone.write("half");
  gone.destroy();
  await expect(reading).rejects.toThrow("closed before the body was complete");
  await expect(readAll(gone, 100)).rejects.toThrow("closed before the body was complete");
});
