import { embeddedTarget, findServer, hasProject, listProjects, loadProject, status as look, type Status } from "#app";
import { type Call, type Command, naming, textFlag } from "../command.ts";
import { table } from "../render/table.ts";

export const status: Command = {
  name: "status",
  takes: "",
  summary: "what runs: the server, and each project's URL, endpoint, versions and runs",
  most: 0,
  options: naming,
  async run(call) {
    const { config, output, program } = call;
    const server = await findServer(config);
    if (!server) {
      output.say("The embedded AWS does not run. `cauce up` starts it.");
      return output.data({ server: null, projects: [] });
    }
    const target = await embeddedTarget(config, program);
    const names = await wanted(call, target);
    const found = await Promise.all(names.map((name) => look(target, name)));
    output.say(`The embedded AWS answers at ${server.endpoint} (process ${server.pid}).`);
    if (found.length === 0) output.say("There is no project yet: cauce up table.csv --predict COLUMN");
    for (const one of found) sayStatus(call, one);
    output.data({ server: { endpoint: server.endpoint, pid: server.pid }, projects: found });
  },
};

async function wanted(call: Call, target: Parameters<typeof listProjects>[0]): Promise<readonly string[]> {
  const said = textFlag(call, "name");
  if (said !== undefined) return [said];
  if (hasProject(".")) return [(await loadProject(call.config, ".", {})).project.name];
  return listProjects(target);
}

function sayStatus({ output }: Call, { project, stack, url, endpoint, executions, versions }: Status): void {
  output.say(`\n${project}`);
  if (!stack) return output.say("  is not up");
  if (url) output.say(`  URL       ${url}`);
  output.say(`  stack     ${because(stack.status, stack.reason)}`);
  if (endpoint) {
    const version = endpoint.version === undefined ? "" : ` · version ${endpoint.version}`;
    output.say(
      `  endpoint  ${endpoint.status}${version}${endpoint.failureReason ? ` · ${endpoint.failureReason}` : ""}`,
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
