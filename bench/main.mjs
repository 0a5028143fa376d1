// Measures what Cauce promises, each figure against a reference in the same run.
// Not a test: a slow machine is no failure. It fails only when something could not be measured at all.
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { closeStage } from "./stage.mjs";
import { printTable } from "./table.mjs";

// The SDK would tell us in six lines that Node 20 ends.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const NAMES = [
  "start",
  "full-state",
  "invoke-endpoint",
  "url",
  "clients",
  "python-model",
  "lambda",
  "s3",
  "training",
  "read",
  "table",
];

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    json: { type: "boolean" },
    seconds: { type: "string", default: "60" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(`npm run bench -- [--only NAME]… [--seconds N] [--json]

  --only NAME   one figure, or several: ${NAMES.join(", ")}
  --seconds N   how long the hundred clients ask (60)
  --json        the rows as JSON`);
  process.exit(0);
}
const wanted = values.only ?? NAMES;
for (const name of wanted) {
  if (NAMES.includes(name)) continue;
  console.error(`There is no figure "${name}". Take one of: ${NAMES.join(", ")}.`);
  process.exit(1);
}

const began = Date.now();
const rows = [];
let failed = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await closeStage();
    tell();
    process.exit(130);
  });
}
try {
  for (const name of wanted) {
    process.stderr.write(`  … ${name}\n`);
    const { measure } = await import(`./figures/${name}.mjs`);
    try {
      rows.push(...(await measure({ seconds: Number(values.seconds) })));
    } catch (error) {
      failed = true;
      console.error(error);
      rows.push({ what: name, value: "could not be measured", ok: false });
    }
  }
} finally {
  await closeStage();
}
tell();
process.exit(failed ? 1 : 0);

function tell() {
  const machine = `${cpus()[0]?.model.trim()} · ${availableParallelism()} processors · load ${loadavg()[0].toFixed(1)}`;
  if (values.json) console.log(JSON.stringify({ machine, node: process.version, rows }));
  else printTable(rows, `${machine} · Node ${process.version} · ${((Date.now() - began) / 1000).toFixed(0)} s`);
}
