import { fileURLToPath } from "node:url";
import { main } from "./main.ts";

// The SDK announces the end of Node 20 at every start; which Node to run is settled by our package.json.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

// `cauce … | head`: that nobody reads any more ends no work that was begun.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
  });

// `cauce … | head`: whoever read has read enough, and a program that cannot write ends, as others do by SIGPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(141);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), fileURLToPath(import.meta.url));
