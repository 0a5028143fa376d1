import { stopServer } from "#app";
import type { Command } from "../command.ts";

export const down: Command = {
  name: "down",
  takes: "",
  summary: "stop the embedded AWS; what it holds stays",
  most: 0,
  options: {},
  async run({ config, output }) {
    const stopped = await stopServer(config);
    output.say(stopped ? "Stopped. `cauce up` starts it again, with all it held." : "No server was running.");
    output.data({ stopped });
  },
};
