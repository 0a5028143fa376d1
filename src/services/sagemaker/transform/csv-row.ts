/** A row of CSV as RFC 4180 has it, on one line. */
export function readRow(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  for (let at = 0; at <= line.length; at++) {
    if (line[at] !== '"') {
      const end = endOf(line, at);
      cells.push(line.slice(at, end));
      at = end;
      continue;
    }
    let cell = "";
    let from = at + 1;
    let quote = line.indexOf('"', from);
    for (; quote >= 0 && line[quote + 1] === '"'; quote = line.indexOf('"', from)) {
      cell += line.slice(from, quote + 1);
      from = quote + 2;
    }
    const end = endOf(line, quote < 0 ? line.length : quote + 1);
    cells.push(cell + line.slice(from, quote < 0 ? line.length : quote));
    at = end;
  }
  return cells;
}

export function writeRow(cells: readonly unknown[]): string {
  return cells.map((cell) => writeCell(typeof cell === "string" ? cell : JSON.stringify(cell))).join(",");
}

function writeCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function endOf(line: string, from: number): number {
  const comma = line.indexOf(",", from);
  return comma < 0 ? line.length : comma;
}
