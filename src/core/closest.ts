/** The one of `names` that a person probably meant: at most 2 edits away, or a third of the longer name. */
export function closest(word: string, names: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const distance = edits(word.toLowerCase(), name.toLowerCase());
    if (distance > Math.max(2, Math.floor(Math.max(word.length, name.length) / 3))) continue;
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best?.name;
}

/** Letters to put, drop or change; two neighbours that changed places count as one (optimal string alignment). */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const best = Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      row.push(swapped ? Math.min(best, (before[j - 2] ?? 0) + 1) : best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
