import { describe, expect, it } from "vitest";
import { read } from "./messy.fixture.ts";

const table = (cells: readonly string[]) => ({ "t.tsv": `a\tb\n${cells.map((cell) => `${cell}\tx`).join("\n")}\n` });

describe("numbers with a unit", () => {
  it.each([
    { cells: ["€ 2,000.00", "€ 12.50", "-€ 5.00"], values: [2000, 12.5, -5], format: "€ #,##0.00" },
    { cells: ["1.234,50 €", "12,00 €", "- 7,25 €"], values: [1234.5, 12, -7.25], format: "#.##0,00 €" },
    { cells: ["$1,234", "$5", "$-17"], values: [1234, 5, -17], format: "$#,##0" },
    { cells: ["($5.00)", "$7.25", "$(1,000.00)"], values: [-5, 7.25, -1000], format: "$#,##0.00" },
    { cells: ["12%", "7%", "0%"], values: [12, 7, 0], format: "0%" },
    { cells: ["12,5 %", "7 %", "100 %"], values: [12.5, 7, 100], format: "0,0 %" },
    { cells: ["1 234,5\u00a0€", "2\u00a0€", "17,25\u00a0€"], values: [1234.5, 2, 17.25], format: "# ##0,0 €" },
    { cells: ["USD 10", "12 USD", "1,250.5 USD"], values: [10, 12, 1250.5], format: "#,##0.0 USD" },
    { cells: ["R$ 1.234,50", "R$ 5,00", "R$ 7,10"], values: [1234.5, 5, 7.1], format: "R$ #.##0,00" },
    { cells: ["CHF 1'234.50", "CHF 5.00", "n/a"], values: [1234.5, 5, null], format: "CHF #'##0.00" },
  ])("$format", async ({ cells, values, format }) => {
    const { rows, kinds, formats, notes } = await read(table(cells));
    expect(kinds[0]).toBe("number");
    expect(rows.map((row) => row["a"])).toEqual(values);
    expect(formats).toEqual({ a: format });
    expect(notes).toContain('"a": is a number in ');
  });

  it("says that the URL takes the unit, but of the column to predict", async () => {
    const { notes } = await read({ "t.csv": "a,b\n€ 5,7%\n€ 7,9%\n" }, { target: "b" });
    expect(notes).toBe(
      '"a": is a number in €; the URL takes it with the unit, as the table writes it, or without.\n"b": is a number in %.',
    );
  });

  it("leaves a column in two units as it is, and says so", async () => {
    const { rows, kinds, formats, notes } = await read(table(["€ 5", "€ 7", "$ 9", "€ 11"]));
    expect([kinds[0], formats]).toEqual(["text", {}]);
    expect(rows.map((row) => row["a"])).toEqual(["€ 5", "€ 7", "$ 9", "€ 11"]);
    expect(notes).toBe('"a": is in € and $: kept as text, which one unit throughout would make a number.');
    const long = Array.from({ length: 30_000 }, (_, i) => (i === 29_999 ? "$ 7" : `€ ${i}.50`));
    expect((await read(table(long))).kinds[0]).toBe("text");
  });

  it.each([
    { what: "shares among numbers", cells: ["5%", "0.07", "12%"] },
    { what: "sizes", cells: ["5 kg", "7 kg", "12 kg"] },
    { what: "two numbers", cells: ["€ 5 - 7", "€ 7 - 9", "€ 9"] },
    { what: "a sign inside", cells: ["5€20", "7€10", "9€99"] },
    { what: "two signs", cells: ["-€-5", "-€-7", "-€-9"] },
    { what: "words", cells: ["€", "€€", "€€€"] },
  ])("leaves $what as they are", async ({ cells }) => {
    const { kinds, rows, formats } = await read(table(cells));
    expect([kinds[0], formats]).toEqual(["text", {}]);
    expect(rows.map((row) => row["a"])).toEqual(cells);
  });

  it("decides points and commas from the whole table, as for other numbers", async () => {
    const points = await read({ "t.csv": "a;b\n1.234 €;x\n12 €;y\n" });
    expect(points.rows[0]?.["a"]).toBe(1234);
    expect(points.notes).toContain('"a": its points are read as groups of thousands.');
    const fuel = await read({ "t.csv": "a;b\n1.459 €;0.5\n1.52 €;1.25\n" });
    expect(fuel.rows[0]?.["a"]).toBe(1.459);
    const table = await read({ "t.csv": "a;b\n1,234 €;1,5\n2,500 €;2,25\n" });
    expect([table.rows[0]?.["a"], table.formats]).toEqual([1.234, { a: "0,000 €" }]);
    expect((await read({ "t.tsv": "a\tb\n$1,234\tx\n$12\ty\n" })).notes).toContain("its commas are read as groups");
    expect((await read({ "t.csv": "a;b\n5 €;1,5\n12 €;2,25\n" })).formats).toEqual({ a: "#.##0 €" });
  });

  it("leaves what the project says is a class, and reads a long column", async () => {
    expect((await read(table(["5%", "7%"]), { kinds: { a: "category" } })).rows[0]?.["a"]).toBe("5%");
    const long = Array.from({ length: 30_000 }, (_, i) => (i % 500 === 7 ? "free" : `€ ${i},50`));
    const { kinds, rows, notes } = await read(table(long));
    expect([kinds[0], rows[1]?.["a"], rows[7]?.["a"]]).toEqual(["number", 1.5, null]);
    expect(notes).toContain('"a": 60 cells are no numbers and count as missing.');
  });
});
