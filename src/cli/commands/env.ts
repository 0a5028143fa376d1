import { readCredentials, requireServer } from "#app";
import { type Command, reaching } from "../command.ts";

export const env: Command = {
  name: "env",
  takes: "",
  summary: 'print what AWS clients need, for eval "$(cauce env)"',
  most: 0,
  options: reaching,
  async run({ config, output, program }) {
    const { endpoint, started, interrupted } = await requireServer(config, program);
    // stdout is for the shell.
    if (started) for (const sentence of interrupted) process.stderr.write(`${sentence}\n`);
    const { accessKeyId, secretAccessKey } = readCredentials(config.home) ?? { accessKeyId: "", secretAccessKey: "" };
    const variables = {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: config.region,
      AWS_DEFAULT_REGION: config.region,
    };
    if (output.json) return output.data(variables);
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
    output.raw(`${lines.join("\n")}\nunset AWS_PROFILE AWS_SESSION_TOKEN\n`);
  },
};
