import type { Context, Handlers } from "#kernel";
import { dryRun, instanceStateWrong, missing, notBuilt, terminationProtected } from "../faults.ts";
import { filterRows } from "../filters.ts";
import { readConsole } from "../machine.ts";
import { powerOn, rebootInstance, stopInstance, terminateInstance, updateInstance } from "../machines.ts";
import { vpcOf } from "../place.ts";
import { instancesOf, requireInstance } from "../require.ts";
import type { Ec2Tables, InstanceRow, InstanceState } from "../state.ts";
import { toInstance, toState } from "../views.ts";
import { release } from "./addresses.ts";
import { detach } from "./volumes.ts";

type Ec2Context = Context<Ec2Tables>;

export const instances = {
  DescribeInstances(input, ctx) {
    const found = filterRows(instancesOf(ctx, input.InstanceIds), input.Filters, {
      "instance-id": ({ id }) => [id],
      "instance-state-name": ({ state }) => [state],
      "instance-type": ({ type }) => [type],
      "image-id": ({ imageId }) => [imageId],
      "key-name": ({ keyName }) => [keyName],
      "availability-zone": ({ zone }) => [zone],
      "vpc-id": () => [vpcOf(ctx)],
      "reservation-id": ({ reservation }) => [reservation],
      "instance.group-id": ({ groups }) => groups,
      "private-ip-address": ({ address }) => [address],
    });
    const reservations = grouped(found);
    return {
      Reservations: [...reservations].map(([ReservationId, rows]) => ({
        ReservationId,
        OwnerId: ctx.account,
        Groups: [],
        Instances: rows.map((row) => toInstance(row, ctx)),
      })),
    };
  },

  DescribeInstanceStatus(input, ctx) {
    const rows = instancesOf(ctx, input.InstanceIds).filter(
      (row) => input.IncludeAllInstances || row.state === "running",
    );
    const found = filterRows(rows, input.Filters, {
      "instance-state-name": ({ state }) => [state],
      "availability-zone": ({ zone }) => [zone],
      "instance-status.status": (row) => [statusOf(row).Status],
      "system-status.status": (row) => [statusOf(row).Status],
    });
    return {
      InstanceStatuses: found.map((row) => ({
        InstanceId: row.id,
        AvailabilityZone: row.zone,
        InstanceState: toState(row.state),
        InstanceStatus: statusOf(row),
        SystemStatus: statusOf(row),
      })),
    };
  },

  StartInstances(input, ctx) {
    return change(ctx, input, {
      from: ["stopped", "pending", "running"],
      said: "started",
      to: (row) => row.state === "stopped" && powerOn(ctx, row.id),
      answer: "StartingInstances",
    });
  },

  StopInstances(input, ctx) {
    if (input.Hibernate) throw notBuilt("hibernation");
    return change(ctx, input, {
      from: ["pending", "running", "stopping", "stopped"],
      said: "stopped",
      to: (row) => (row.state === "running" || row.state === "pending") && stopInstance(ctx, row.id),
      answer: "StoppingInstances",
    });
  },

  RebootInstances(input, ctx) {
    const rows = input.InstanceIds.map((id) => requireInstance(ctx, id));
    for (const row of rows) if (row.state !== "running") throw instanceStateWrong(row.id, "rebooted");
    if (input.DryRun) throw dryRun();
    for (const row of rows) rebootInstance(ctx, row.id);
    return {};
  },

  TerminateInstances(input, ctx) {
    for (const id of input.InstanceIds)
      if (requireInstance(ctx, id).terminationProtected) throw terminationProtected(id);
    return change(ctx, input, {
      from: ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"],
      said: "terminated",
      to: (row) =>
        row.state !== "terminated" &&
        row.state !== "shutting-down" &&
        terminateInstance(ctx, row.id, () => letGo(ctx, row.id)),
      answer: "TerminatingInstances",
    });
  },

  GetConsoleOutput(input, ctx) {
    const { id } = requireInstance(ctx, input.InstanceId);
    const output = readConsole(ctx.kernel, id);
    return { InstanceId: id, Timestamp: ctx.now(), ...(output && { Output: output.toString("base64") }) };
  },

  DescribeInstanceAttribute(input, ctx) {
    const row = requireInstance(ctx, input.InstanceId);
    switch (input.Attribute) {
      case "userData":
        return { InstanceId: row.id, UserData: { Value: row.userData } };
      case "instanceType":
        return { InstanceId: row.id, InstanceType: { Value: row.type } };
      case "disableApiTermination":
        return { InstanceId: row.id, DisableApiTermination: { Value: row.terminationProtected } };
      default:
        throw notBuilt(`DescribeInstanceAttribute of ${input.Attribute}`);
    }
  },

  ModifyInstanceAttribute(input, ctx) {
    const row = requireInstance(ctx, input.InstanceId);
    const { InstanceId: _id, DryRun: dry, DisableApiTermination: keep, ...others } = input;
    const [other] = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (other !== undefined) throw notBuilt(`ModifyInstanceAttribute of ${other}`);
    if (keep?.Value === undefined) throw missing("DisableApiTermination");
    if (dry) throw dryRun();
    updateInstance(ctx, row.id, { terminationProtected: keep.Value });
    return {};
  },
} satisfies Handlers<"ec2", Ec2Tables>;

interface Transition<Answer extends string> {
  readonly from: readonly InstanceState[];
  readonly said: string;
  readonly answer: Answer;
  to(row: InstanceRow): unknown;
}

function change<Answer extends string>(
  ctx: Ec2Context,
  input: { readonly InstanceIds: readonly string[]; readonly DryRun?: boolean | undefined },
  transition: Transition<Answer>,
) {
  const rows = input.InstanceIds.map((id) => requireInstance(ctx, id));
  for (const row of rows) if (!transition.from.includes(row.state)) throw instanceStateWrong(row.id, transition.said);
  if (input.DryRun) throw dryRun();
  for (const row of rows) transition.to(row);
  const changes = rows.map((row) => ({
    InstanceId: row.id,
    PreviousState: toState(row.state),
    CurrentState: toState(requireInstance(ctx, row.id).state),
  }));
  return { [transition.answer]: changes } as Record<Answer, typeof changes>;
}

/** What an instance held is free again when it is gone. */
function letGo(ctx: Ec2Context, id: string): void {
  for (const { row } of ctx.tables.volumes.list()) if (row.attachment?.instance === id) detach(ctx, row);
  for (const { row } of ctx.tables.addresses.list()) if (row.association?.instance === id) release(ctx, row);
}

function statusOf({ state, booted }: InstanceRow) {
  const passed = state === "running" && booted;
  if (state !== "running") return { Status: "not-applicable" as const, Details: [] };
  return {
    Status: passed ? ("ok" as const) : ("initializing" as const),
    Details: [{ Name: "reachability" as const, Status: passed ? ("passed" as const) : ("initializing" as const) }],
  };
}

function grouped(rows: readonly InstanceRow[]): Map<string, InstanceRow[]> {
  const groups = new Map<string, InstanceRow[]>();
  for (const row of rows) groups.set(row.reservation, [...(groups.get(row.reservation) ?? []), row]);
  return groups;
}
