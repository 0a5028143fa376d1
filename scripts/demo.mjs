// `npm run demo`: from a fresh clone to a URL that predicts.
import { install, run } from "./install.mjs";

install();
run(process.execPath, ["dist/cli.js", "up", "examples/churn"]);
