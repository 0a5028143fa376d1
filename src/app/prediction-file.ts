import { closeSync, existsSync, openSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { CauceError, messageOf } from "#core";
import type { PredictionFormat } from "#pipeline";

const FORMATS: readonly PredictionFormat[] = ["csv", "tsv", "json", "ndjson", "parquet", "xlsx"];
const ENDINGS = FORMATS.map((format) => `.${format}`).join(" ");

/** What the command line says of a prediction. */
export interface PredictionFlags {
  /** The table: a path, a folder, or an address. */
  readonly rows: string | undefined;
  readonly out: string | undefined;
  readonly table: string | undefined;
}

export interface PredictionFile {
  readonly rows: string;
  /** A path, or `s3://bucket/key`. */
  readonly out: string;
  readonly format: PredictionFormat;
}

/** Which file the predictions go to. One that was not named never takes the place of one that is there. */
export function predictionFile({ rows, out, table }: PredictionFlags): PredictionFile {
  if (rows === undefined) throw noRows();
  if (out === undefined) {
    const format = formatOf(rows) ?? "csv";
    const name = freeName(`${stemOf(rows, table)}-predictions`, format);
    checkWritable(name, dirname(resolve(name)));
    return { rows, out: name, format };
  }
  const format = formatOf(out);
  if (format === undefined) throw unknownEnding(out);
  if (!out.startsWith("s3://")) checkFile(out, rows);
  return { rows, out, format };
}

function formatOf(name: string): PredictionFormat | undefined {
  const ending = extname(name).slice(1).toLowerCase();
  return FORMATS.find((format) => format === ending) ?? (ending === "jsonl" ? "ndjson" : undefined);
}

function stemOf(rows: string, table: string | undefined): string {
  const url = /^[a-z][a-z0-9+]+:\/\//i.test(rows);
  const name = basename((url ? new URL(rows).pathname : resolve(rows)).replace(/\/+$/, "")).replace(
    /(.)\.[^.]*$/,
    "$1",
  );
  return (table ?? name).replaceAll(/[/\\]/g, "-") || "rows";
}

function freeName(stem: string, format: PredictionFormat): string {
  for (let i = 1; ; i++) {
    const name = `${stem}${i === 1 ? "" : `-${i}`}.${format}`;
    if (!existsSync(name)) return name;
  }
}

function checkFile(out: string, rows: string): void {
  const folder = dirname(resolve(out));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw noFolder(out, folder);
  const there = statSync(out, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw isFolder(out);
  checkWritable(out, folder);
  if (!there || !existsSync(rows)) return;
  const inside = dirname(realpathSync(out)) === realpathSync(rows);
  if (realpathSync(out) === realpathSync(rows) || inside) throw isInput(out);
}

/** Tried now, not when an hour's predictions are ready. */
function checkWritable(out: string, folder: string): void {
  const tried = join(folder, `.${basename(out)}.unfinished`);
  try {
    closeSync(openSync(tried, "a"));
    rmSync(tried);
  } catch (error) {
    throw refuse("OutputUnwritable", out, `Its folder takes no file: ${messageOf(error)}.`);
  }
}

function noRows(): CauceError {
  return new CauceError({
    code: "RowsMissing",
    what: "Predict what?",
    why: "`cauce predict` takes a table: a file, a folder, s3://, or a database.",
    fix: "Name it: cauce predict rows.xlsx -o predictions.xlsx",
  });
}

function unknownEnding(out: string): CauceError {
  return new CauceError({
    code: "OutputUnknown",
    what: `Predictions cannot be written as ${basename(out)}.`,
    why: `The ending says what is written: ${ENDINGS}.`,
    fix: `Give one of these endings, e.g. -o ${join(dirname(out), `${basename(out, extname(out)) || "predictions"}.csv`)}`,
  });
}

const refuse = (code: string, out: string, why: string) =>
  new CauceError({ code, what: `Predictions cannot be written to ${out}.`, why, fix: "Name another file with -o." });
const noFolder = (out: string, folder: string) => refuse("OutputUnwritable", out, `There is no folder ${folder}.`);
const isFolder = (out: string) => refuse("OutputUnwritable", out, "It is a folder.");
const isInput = (out: string) => refuse("OutputIsInput", out, "That is the table itself.");
