/** Names as the table gives them: trimmed, none empty, none twice. */
export function columnNames(cells: readonly unknown[]): readonly string[] {
  const taken = new Set<string>();
  return cells.map((cell, i) => {
    const base = trimmed(cell) || `column${i + 1}`;
    let name = base;
    // Two names that differ in case only are one to SQL.
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

const MOST_SHOWN = 5;

/** Says which columns are not called as their header has it: names that are blank, or there twice. */
export function renamedNotes(header: readonly unknown[], names: readonly string[]): readonly string[] {
  // R writes no name above the names of rows.
  const before = names.length - header.length === 1 ? 1 : 0;
  const renamed = names.filter((name, i) => name !== trimmed(header[i - before]));
  if (renamed.length === 0) return [];
  const shown = renamed.slice(0, MOST_SHOWN).map((name) => JSON.stringify(name));
  const more = renamed.length > shown.length ? ` and ${renamed.length - shown.length} more` : "";
  return [`Without a name of their own in the header, and called: ${shown.join(", ")}${more}.`];
}

function trimmed(cell: unknown): string {
  return String(cell ?? "")
    .replace(/^\ufeff/, "")
    .trim();
}
