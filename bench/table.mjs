/** A row: `what`, `value`, `reference`, `ratio`, `budget`; `ok` is undefined for what is only told. */
export function printTable(rows, footer) {
  const columns = ["what", "value", "reference", "ratio", "budget"];
  const titles = { what: "what", value: "Cauce", reference: "reference", ratio: "ratio", budget: "budget" };
  const width = (column) => Math.max(titles[column].length, ...rows.map((row) => (row[column] ?? "").length));
  const widths = Object.fromEntries(columns.map((column) => [column, width(column)]));
  const line = (cells, mark) =>
    console.log(`${mark} ${columns.map((c) => (cells[c] ?? "").padEnd(widths[c])).join("  ")}`.trimEnd());
  console.log();
  line(titles, " ");
  console.log(`  ${"─".repeat(Object.values(widths).reduce((sum, one) => sum + one + 2, -2))}`);
  for (const row of rows) line(row, row.ok === undefined ? " " : row.ok ? "✔" : "✘");
  console.log(`\n  ${footer}\n`);
}
