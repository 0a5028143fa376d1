import type { DuckDBConnection } from "@duckdb/node-api";
import { quote } from "./profile.ts";
import type { SettledColumn } from "./types.ts";

/** What stands for "not measured" in a column of numbers. */
const CODES = [-200, -99, -999, -9999, -99999, -999.9, -999.99, -99.9, -99.99];

const SUM = "^(grand total|sub-?total|total|sum|summe|gesamt|gesamtsumme|somme|suma)\\b";
const REMARK = "^(source|quelle|fuente|note|notes|remark|\\*|footnote)\\b|^\\*";

/** Takes sums and remarks below the table out of `loaded`; answers what stood there. */
export async function dropFooters(connection: DuckDBConnection, names: readonly string[]): Promise<readonly string[]> {
  if (names.length < 3) return [];
  // Counted here: a sum of as many terms as a wide table has columns takes the planner longer than the rest of the reading.
  const cells = names.map((name) => `nullif(trim(${quote(name)}::VARCHAR), '')`);
  const last = await connection.runAndReadAll(
    `SELECT rowid::DOUBLE, ${cells.join(", ")} FROM loaded ORDER BY rowid DESC LIMIT 5`,
  );
  const dropped: { readonly id: number; readonly first: string }[] = [];
  for (const [id, ...row] of last.getRowsJson()) {
    const filled = row.filter((cell) => cell !== null);
    const [count, first] = [filled.length, String(filled[0] ?? "")];
    const sum = count < names.length && new RegExp(SUM, "i").test(first);
    const remark = count === 1 && (new RegExp(REMARK, "i").test(first) || first.length > 30);
    if (!sum && !remark && count > 0) break;
    dropped.push({ id: Number(id), first });
  }
  const said = dropped.filter(({ first }) => first !== "");
  if (said.length === 0) return [];
  await connection.run(`DELETE FROM loaded WHERE rowid >= ${Math.min(...dropped.map(({ id }) => id))}`);
  return said.toReversed().map(({ first }) => first.slice(0, 60));
}

interface Code {
  readonly name: string;
  readonly code: number;
  readonly count: number;
}

/** Empties cells of `extracted` that hold a code for "not measured": it stands apart from all other values, or does so in another column. */
export async function dropCodes(
  connection: DuckDBConnection,
  columns: readonly SettledColumn[],
  given: readonly string[] | undefined,
): Promise<readonly Code[]> {
  const numeric = columns.filter(({ type }) => type === "BIGINT" || type === "DOUBLE");
  if (numeric.length === 0) return [];
  const found = given ? await givenCodes(connection, numeric, given) : await standingApart(connection, numeric);
  if (found.length > 0) {
    const kept = columns.map(({ name }) => {
      const codes = found.filter((one) => one.name === name).map(({ code }) => code);
      return codes.length === 0
        ? quote(name)
        : `CASE WHEN ${quote(name)} NOT IN (${codes.join(", ")}) THEN ${quote(name)} END AS ${quote(name)}`;
    });
    await connection.run(`CREATE OR REPLACE TABLE extracted AS SELECT ${kept.join(", ")} FROM extracted`);
  }
  return found;
}

async function standingApart(
  connection: DuckDBConnection,
  numeric: readonly SettledColumn[],
): Promise<readonly Code[]> {
  const lowest = await ask(
    connection,
    numeric.map(({ name }, i) => `min(${quote(name)})::DOUBLE AS x${i}`),
  );
  const suspects = numeric
    .map(({ name }, i) => ({ name, code: Number(lowest[`x${i}`]) }))
    .filter(({ code }) => CODES.includes(code));
  if (suspects.length === 0) return [];
  const looks = suspects.flatMap(({ name, code }, i) => {
    const c = quote(name);
    return [
      `(count(*) FILTER (${c} = ${code}))::DOUBLE AS n${i}`,
      `(min(${c}) FILTER (${c} <> ${code}))::DOUBLE AS lo${i}`,
      `(max(${c}) FILTER (${c} <> ${code}))::DOUBLE AS hi${i}`,
    ];
  });
  const row = await ask(connection, looks);
  const seen = suspects.map((one, i) => ({
    ...one,
    count: Number(row[`n${i}`]),
    lo: Number(row[`lo${i}`] ?? Number.NaN),
    hi: Number(row[`hi${i}`] ?? Number.NaN),
  }));
  const apart = ({ code, count, lo, hi }: (typeof seen)[number]) => count > 1 && hi > lo && lo - code > hi - lo;
  const certain = new Set(seen.filter(apart).map(({ code }) => code));
  return seen.filter((one) => apart(one) || (certain.has(one.code) && one.lo >= 0));
}

async function givenCodes(
  connection: DuckDBConnection,
  numeric: readonly SettledColumn[],
  given: readonly string[],
): Promise<readonly Code[]> {
  const codes = given.filter((word) => word.trim() !== "" && Number.isFinite(Number(word))).map(Number);
  const pairs = numeric.flatMap(({ name }) => codes.map((code) => ({ name, code })));
  if (pairs.length === 0) return [];
  const row = await ask(
    connection,
    pairs.map(({ name, code }, i) => `(count(*) FILTER (${quote(name)} = ${code}))::DOUBLE AS n${i}`),
  );
  return pairs.map((pair, i) => ({ ...pair, count: Number(row[`n${i}`]) })).filter(({ count }) => count > 0);
}

async function ask(connection: DuckDBConnection, selected: readonly string[]): Promise<Record<string, unknown>> {
  const [row = {}] = (
    await connection.runAndReadAll(`SELECT ${selected.join(", ")} FROM extracted`)
  ).getRowObjectsJson();
  return row;
}
