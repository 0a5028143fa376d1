// What the Extract function does with a table, in a process of its own. Arguments: table.csv folder
import { mkdtemp } from "node:fs/promises";
import { basename, join } from "node:path";
import { readTable } from "../../src/functions/extract/table.ts";

const [file = "", folder = ""] = process.argv.slice(2);
const began = performance.now();
await readTable({
  files: [{ file, name: basename(file) }],
  name: basename(file),
  folder: await mkdtemp(join(folder, "read-")),
  // As the function has it.
  memoryMegabytes: 3008,
  header: true,
});
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, peak: process.resourceUsage().maxRSS * 1024 }));
