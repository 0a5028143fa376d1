import { stopServer } from "#app";
import { type Command, reaching, textFlag } from "../command.ts";

export const down: Command = {
  name: "down",
  takes: "",
  summary: "stop the embedded AWS; what it holds stays",
  most: 0,
  options: reaching,
  async run(call) {
    const { config, output } = call;
    const stopped = await stopServer(config, { port: textFlag(call, "port") });
    output.say(stopped ? "Stopped. `cauce up` starts it again, with all it held." : "No server was running.");
    output.data({ stopped });
  },
};
