// `npm run bench`: installs what it needs, then measures. `npm run bench -- --only url` takes one figure.
import { join } from "node:path";
import { install, root, run } from "./install.mjs";

install();
run(process.execPath, [join(root, "bench/main.mjs"), ...process.argv.slice(2)]);
