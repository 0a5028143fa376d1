import {
  type Destination,
  findServer,
  hasProject,
  killedServer,
  projectsThere,
  status as look,
  type Status,
} from "#app";
import { type Call, type Command, naming, textFlag } from "../command.ts";
import { destinationOf, going, projectNamed, targetSaid } from "../destination.ts";
import { wayOf } from "../render/facts.ts";
import { table } from "../render/table.ts";

export const status: Command = {
  name: "status",
  takes: "",
  summary: "what runs: the server, and each project's URL, endpoint, versions and runs",
  most: 0,
  options: { ...naming, ...going },
  async run(call) {
    const { config, output } = call;
    const server = await findServer(config);
    const elsewhere = (await targetSaid(call)) !== "embedded";
    if (!server && !elsewhere) {
      const killed = killedServer(config);
      output.say(
        killed === undefined
          ? "The embedded AWS does not run. `cauce up` starts it."
          : `The embedded AWS does not run: process ${killed} was killed, or the machine went down. \`cauce up\` starts it and tells what was interrupted.`,
      );
      return output.data({ server: null, projects: [] });
    }
    const { target } = await destinationOf(call);
    const names = await wanted(call, target);
    const found = await Promise.all(names.map((name) => look(target, name)));
    if (!elsewhere && server) {
      output.say(`The embedded AWS answers at ${server.endpoint} (process ${server.pid}).`);
      for (const sentence of server.interrupted) output.say(`  ! ${sentence}`);
    }
    if (found.length === 0) output.say("There is no project yet: cauce up table.csv --predict COLUMN");
    for (const one of found) sayStatus(call, one);
    const { account, region } = target;
    output.data({
      ...(elsewhere
        ? { target: { name: target.name, account, region } }
        : { server: server && { endpoint: server.endpoint, pid: server.pid, interrupted: server.interrupted } }),
      projects: found,
    });
  },
};

async function wanted(call: Call, target: Destination["target"]): Promise<readonly string[]> {
  const one = textFlag(call, "name") !== undefined || hasProject(".");
  return one ? [await projectNamed(call, target)] : projectsThere(target, textFlag(call, "stage"));
}

function sayStatus({ output }: Call, { project, stack, url, endpoint, serving, executions, versions }: Status): void {
  output.say(`\n${project}`);
  if (!stack) return output.say("  is not up");
  if (url) output.say(`  URL       ${url}`);
  output.say(`  stack     ${because(stack.status, stack.reason)}`);
  if (serving) {
    const words = [
      serving.status,
      serving.version === undefined ? "" : `version ${serving.version}`,
      wayOf(serving),
      serving.status === "asleep" ? "the next request brings it back" : "",
      endpoint?.failureReason ?? "",
    ];
    output.say(
      `  ${serving.on === "lambda" ? "model   " : "endpoint"}  ${words.filter((word) => word !== "").join(" · ")}`,
    );
  }
  const rows = [
    ...versions.slice(0, 5).map((one) => ["version", String(one.number), one.approval ?? ""]),
    ...executions
      .slice(0, 5)
      .map((one) => [
        "run",
        one.started?.toISOString().replace("T", " ").slice(0, 19) ?? "",
        because(one.status, one.failureReason),
      ]),
  ];
  for (const row of table(rows)) output.say(`  ${row}`);
}

function because(status: string, reason: string | undefined): string {
  return reason === undefined ? status : `${status} · ${reason}`;
}
