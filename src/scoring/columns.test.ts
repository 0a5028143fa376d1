import { expect, it } from "vitest";
import { Columns } from "./columns.ts";

it("holds more sets of categories than a call takes arguments", () => {
  const columns = new Columns(1);
  const sets = Array.from(
    { length: 3000 },
    (_, i) => new Set(Array.from({ length: 100 }, (_, k) => (i * i + k * (i + 7)) % 7001)),
  );
  const places = sets.map((members) => columns.member(0, [...members], false));
  const widened = new Float32Array(columns.width);
  columns.compile()(Float32Array.of(49), 0, widened);
  expect(places.map((place) => widened[place] === 1)).toEqual(sets.map((members) => members.has(49)));
});
