import type { Context } from "#kernel";
import { idInvalid, instanceNotFound, volumeNotFound } from "./faults.ts";
import type { Ec2Tables, InstanceRow, VolumeRow } from "./state.ts";
import { fault } from "#protocol";

type Ec2Context = Context<Ec2Tables>;

export function requireInstance(ctx: Ec2Context, id: string): InstanceRow {
  if (!/^i-[0-9a-f]+$/.test(id)) throw fault("InvalidInstanceID.Malformed", `Invalid id: "${id}"`);
  const row = ctx.tables.instances.get(id);
  if (!row || row.region !== ctx.region) throw instanceNotFound(id);
  return row;
}

/** Those that are named, or all of the region. AWS: a terminated one is shown for about an hour. TerminateInstances, API reference. */
export function instancesOf(ctx: Ec2Context, ids: readonly string[] | undefined): InstanceRow[] {
  const here = ctx.tables.instances.list().flatMap(({ row }) => (row.region === ctx.region ? [row] : []));
  const gone = here.filter(
    ({ state, since }) => state === "terminated" && ctx.now().getTime() - Date.parse(since) > HOUR,
  );
  for (const { id } of gone) ctx.tables.instances.delete(id);
  if (ids !== undefined && ids.length > 0) return ids.map((id) => requireInstance(ctx, id));
  return here.filter((row) => !gone.includes(row));
}

const HOUR = 3_600_000;

export function requireVolume(ctx: Ec2Context, id: string): VolumeRow {
  if (!id.startsWith("vol-")) throw idInvalid(id);
  const row = ctx.tables.volumes.get(id);
  if (!row) throw volumeNotFound(id);
  return row;
}
