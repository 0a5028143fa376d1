// Numbers that come again with their seed.

/** mulberry32: small, and good enough to choose moments. */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** In [0, 1). */
    next,
    whole: (below) => Math.floor(next() * below),
    oneOf: (list) => list[Math.floor(next() * list.length)],
    /** `{ server: 3, job: 1 }`: one of the names, three times as often the first. */
    weighted(weights) {
      const entries = Object.entries(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      return entries.find(([, weight]) => (left -= weight) < 0)?.[0] ?? entries[0][0];
    },
    bytes(size) {
      const made = Buffer.alloc(size);
      for (let at = 0; at + 4 <= size; at += 4) made.writeUInt32LE((next() * 2 ** 32) >>> 0, at);
      return made;
    },
  };
}
