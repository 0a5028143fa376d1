import { messageOf } from "#core";
import { serve as run } from "#app";
import type { Command } from "../command.ts";

export const serve: Command = {
  name: "serve",
  takes: "",
  summary: "run the embedded AWS in the foreground",
  most: 0,
  options: {
    host: {
      type: "string",
      value: "ADDRESS",
      says: "listen elsewhere than on 127.0.0.1; whoever reaches it needs the keys",
    },
    background: { type: "boolean", says: "as `cauce up` starts it: Ctrl-C of a terminal does not stop it" },
  },
  async run({ config, output, flags }) {
    // In the background this is what server.log consists of.
    const log = (text: string) => output.note(`${new Date().toISOString()} ${text}`);
    const note = flags["background"] === true ? log : (text: string) => output.note(text);
    const server = await run(config, (where, error) => log(`${where}: ${traceOf(error)}`));
    note(`The embedded AWS answers at ${server.endpoint} (process ${process.pid}). Its state is in ${config.home}.`);
    for (const sentence of server.kernel.interrupted) note(sentence);
    output.data({ endpoint: server.endpoint, pid: process.pid, home: config.home });
    if (flags["background"] !== true) output.say('Ctrl-C stops it. In another terminal: eval "$(cauce env)"');
    const stop = () => void server.close();
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    process.on("SIGHUP", () => flags["background"] === true || stop());
    await server.stopped;
    note("The embedded AWS has stopped.");
  },
};

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}
