// `npm run bench:data [-- --seeds N] [-- --only PART-OF-A-NAME]`: `cauce up` on every file of the development data, with several splits, beside the
// reference of its INDEX.md. ✘ marks a mean that is more than 0.01 (AUC, accuracy) or 0.02 (R²) below it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: flags } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, only: { type: "string" }, data: { type: "string" } },
});
const data = resolve(flags.data ?? process.env.CAUCE_BENCH_DATA ?? join(root, "../shared/data"));
const seeds = Math.max(1, Number(flags.seeds));

/** Genres of at least 20 tracks, and no album, which gives the genre away: as the reference has it. */
const TRACKS = `SELECT t.Name, t.MediaTypeId, t.Composer, t.Milliseconds, t.Bytes, t.UnitPrice, g.Name AS Genre
  FROM Track t JOIN Genre g ON g.GenreId = t.GenreId
  WHERE g.GenreId IN (SELECT GenreId FROM Track GROUP BY GenreId HAVING count(*) >= 20) ORDER BY t.TrackId`;

const CASES = [
  { file: "telco_churn.csv", target: "Churn", metric: "auc", reference: 0.834 },
  { file: "bank_marketing_semicolon.csv", target: "y", metric: "auc", reference: 0.91 },
  { file: "bank_marketing_semicolon.csv", target: "y", metric: "auc", reference: 0.735, ignore: ["duration"] },
  { file: "penguins.csv", target: "species", metric: "accuracy", reference: 0.986 },
  { file: "winequality_red.csv", target: "quality", metric: "accuracy", reference: 0.69 },
  { file: "dry_bean.xlsx", target: "Class", metric: "accuracy", reference: 0.927 },
  { file: "real_estate_valuation.xlsx", target: "Y house price of unit area", metric: "r2", reference: 0.697 },
  {
    file: "concrete_strength.xls",
    target: "Concrete compressive strength(MPa, megapascals)",
    metric: "r2",
    reference: 0.928,
  },
  { file: "california_housing.csv", target: "median_house_value", metric: "r2", reference: 0.829 },
  { file: "bike_sharing_hour.csv", target: "cnt", metric: "r2", reference: 0.953, ignore: ["casual", "registered"] },
  { file: "ames_housing.csv", target: "price", metric: "r2", reference: 0.91 },
  { file: "diamonds.csv", target: "price", metric: "r2", reference: 0.981 },
  { file: "chinook.sqlite", target: "Genre", metric: "accuracy", reference: 0.685, query: TRACKS },
];

if (!existsSync(join(data, "INDEX.md"))) {
  console.error(`The development data is not in ${data}. Say where with --data FOLDER or CAUCE_BENCH_DATA.`);
  process.exit(1);
}
const home = mkdtempSync(join(tmpdir(), "cauce-bench-data-"));
const env = { ...process.env, CAUCE_HOME: home, CAUCE_PORT: String(await freePort()) };
const cauce = (...words) =>
  spawnSync(process.execPath, [join(root, "dist/cli.js"), ...words], { env, encoding: "utf8", maxBuffer: 1 << 28 });
process.on("SIGINT", () => end(130));

let missed = 0;
const rows = [];
for (const one of CASES.filter(({ file }) => file.includes(flags.only ?? ""))) {
  const found = measure(one);
  const shown = `${one.file}${one.ignore ? ` (without ${one.ignore.join(", ")})` : ""}`;
  if (found.problem) {
    missed++;
    rows.push(["✘", shown, one.metric, String(one.reference), "–", "–", found.problem]);
  } else {
    const [mean, tolerance] = [average(found.scores), one.metric === "r2" ? 0.02 : 0.01];
    const good = mean >= one.reference - tolerance;
    if (!good) missed++;
    const spread = `${Math.min(...found.scores).toFixed(3)}–${Math.max(...found.scores).toFixed(3)}`;
    const seconds = average(found.seconds).toFixed(1);
    rows.push([good ? "✔" : "✘", shown, one.metric, String(one.reference), mean.toFixed(4), spread, seconds]);
  }
  console.error(rows.at(-1).join("  "));
}
const head = ["", "file", "metric", "reference", "mean", "range", "seconds"];
console.log(`${seeds} ${seeds === 1 ? "split" : "splits"} each; seconds of one \`cauce up\`, server running.\n`);
console.log(printed([head, ...rows]));
end(missed === 0 ? 0 : 1);

/** A project for each split: a champion of another split would have been trained on rows of this one's test part. */
function measure({ file, target, metric, ignore, query }) {
  const base = file.split(".")[0].replaceAll("_", "-").slice(0, 24) + (ignore ? "-less" : "");
  const source = { source: join(data, file), target, ...(ignore && { ignore }), ...(query && { query }) };
  const [scores, seconds] = [[], []];
  for (let seed = 0; seed < seeds; seed++) {
    const name = `${base}-${seed}`;
    const folder = join(home, "projects", name);
    mkdirSync(folder, { recursive: true });
    // Any score passes: what is measured is the score.
    const project = { name, data: source, prepare: { seed }, evaluate: { metric, atLeast: -10 } };
    writeFileSync(join(folder, "cauce.config.mjs"), `export default ${JSON.stringify(project, null, 2)};\n`);
    const { stdout, stderr } = cauce("up", folder, "--json");
    const last = parse(stdout.trim().split("\n").at(-1));
    cauce("destroy", "--name", name);
    if (last?.metrics?.[metric] === undefined) {
      const why = last?.error ? `${last.error.code}: ${last.error.why}` : stderr.trim().split("\n").at(-1);
      return { problem: String(why).slice(0, 120) };
    }
    scores.push(last.metrics[metric]);
    seconds.push(last.seconds);
  }
  return { scores, seconds };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function printed(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function end(code) {
  cauce("down");
  rmSync(home, { recursive: true, force: true });
  process.exit(code);
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
