/** Names as the table gives them: trimmed, none empty, none twice. */
export function columnNames(cells: readonly unknown[]): readonly string[] {
  const taken = new Set<string>();
  return cells.map((cell, i) => {
    const base =
      String(cell ?? "")
        .replace(/^\ufeff/, "")
        .trim() || `column${i + 1}`;
    let name = base;
    // Two names that differ in case only are one to SQL.
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
