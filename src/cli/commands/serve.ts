import { messageOf } from "#core";
import { readServeFlags, serve as run } from "#app";
import { type Command, reaching } from "../command.ts";

export const serve: Command = {
  name: "serve",
  takes: "",
  summary: "run the embedded AWS in the foreground",
  most: 0,
  options: {
    ...reaching,
    host: {
      type: "string",
      value: "ADDRESS",
      says: "listen elsewhere than on 127.0.0.1; whoever reaches it needs the keys",
    },
    "tls-cert": { type: "string", value: "FILE", says: "a certificate in PEM: a second door, over TLS" },
    "tls-key": { type: "string", value: "FILE", says: "its key" },
    "tls-listen": { type: "string", value: "ADDRESS:PORT", says: "where that door is; default: 127.0.0.1:4567" },
    keep: {
      type: "string",
      value: "S3-URI",
      says: "keep a copy of the state there, with the surroundings' AWS credentials; an empty home is restored from it",
    },
    background: { type: "boolean", says: "as `cauce up` starts it: Ctrl-C of a terminal does not stop it" },
  },
  async run({ config, output, flags }) {
    // In the background this is what server.log consists of.
    const log = (text: string) => output.note(`${new Date().toISOString()} ${text}`);
    const note = flags["background"] === true ? log : (text: string) => output.note(text);
    const report = (where: string, error: unknown) => log(`${where}: ${traceOf(error)}`);
    const server = await run(config, { report, ...readServeFlags(flags) });
    note(`The embedded AWS answers at ${server.endpoint} (process ${process.pid}). Its state is in ${config.home}.`);
    if (server.secureEndpoint !== undefined) note(`Over TLS: ${server.secureEndpoint}`);
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
