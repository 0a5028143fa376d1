import type { Context, Handlers, InputOf } from "#kernel";
import { roleOf } from "../credentials-door.ts";
import { dryRun, invalid, missing, notBuilt, subnetNotFound } from "../faults.ts";
import { tagsFor } from "../filters.ts";
import { defaultGroup, groupNamed, requireGroup } from "../groups.ts";
import { resolveImage } from "../image.ts";
import { requireType } from "../instance-types.ts";
import { findLoopback } from "../loopback.ts";
import { powerOn } from "../machines.ts";
import { subnetsOf, zonesOf } from "../place.ts";
import { makeId } from "../resource-ids.ts";
import type { Ec2Tables, InstanceRow } from "../state.ts";
import { toInstance } from "../views.ts";
import { requireKeyPair } from "./key-pairs.ts";

type Ec2Context = Context<Ec2Tables>;
type Input = InputOf<"ec2", "RunInstances">;

export const runInstances = {
  async RunInstances(input, ctx) {
    refuseUnbuilt(input);
    const again = alreadyRun(ctx, input.ClientToken);
    if (again.length > 0) return toReservation(again, ctx);
    const settings = await readSettings(input, ctx);
    const { MinCount: least, MaxCount: most } = input;
    if (least < 1 || most < least) throw invalid(`Invalid value '${least}' for minCount and '${most}' for maxCount`);
    if (input.DryRun) throw dryRun();
    const reservation = makeId(ctx, "r");
    const rows: InstanceRow[] = [];
    for (let i = 0; i < most; i++) rows.push(await newRow(ctx, { ...settings, reservation }));
    for (const row of rows) ctx.tables.instances.put(row.id, row);
    for (const row of rows) powerOn(ctx, row.id);
    return toReservation(rows, ctx);
  },
} satisfies Handlers<"ec2", Ec2Tables>;

/** What would change what runs, and is not there. What only sizes or bills the machine is taken: README, "Differs from AWS". */
const UNBUILT = [
  "LaunchTemplate",
  "NetworkInterfaces",
  "InstanceMarketOptions",
  "KernelId",
  "RamdiskId",
  "Ipv6Addresses",
  "PrivateIpAddress",
  "HibernationOptions",
  "EnclaveOptions",
  "ElasticGpuSpecification",
  "ElasticInferenceAccelerators",
  "AdditionalInfo",
  "LicenseSpecifications",
] as const;

function refuseUnbuilt(input: Input): void {
  for (const name of UNBUILT) if (input[name] !== undefined) throw notBuilt(`RunInstances with ${name}`);
  const other = input.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName !== "/dev/xvda");
  if (other) throw notBuilt(`volumes that are made with the instance, such as ${other.DeviceName}: use CreateVolume`);
}

/** AWS: the same token is the same request. "Ensure idempotency", EC2 developer guide. */
function alreadyRun(ctx: Ec2Context, token: string | undefined): InstanceRow[] {
  if (token === undefined) return [];
  return ctx.tables.instances
    .list()
    .flatMap(({ row }) => (row.clientToken === token && row.region === ctx.region ? [row] : []));
}

type RowSettings = Pick<InstanceRow, "imageId" | "type" | "groups" | "zone" | "tags" | "terminationProtected"> &
  Partial<Pick<InstanceRow, "keyName" | "profile" | "userData" | "clientToken">>;

async function readSettings(input: Input, ctx: Ec2Context): Promise<RowSettings> {
  if (input.ImageId === undefined) throw missing("ImageId");
  const imageId = resolveImage(input.ImageId);
  const type = requireType(input.InstanceType ?? "m1.small");
  if (input.KeyName !== undefined) requireKeyPair(ctx, input.KeyName);
  const profile = input.IamInstanceProfile && (await profileOf(input.IamInstanceProfile, ctx));
  return {
    imageId,
    type,
    groups: groupsOf(input, ctx),
    zone: zoneOf(input, ctx),
    tags: tagsFor(input.TagSpecifications, "instance"),
    terminationProtected: input.DisableApiTermination ?? false,
    ...(input.KeyName !== undefined && { keyName: input.KeyName }),
    ...(profile !== undefined && { profile }),
    ...(input.UserData !== undefined && { userData: requireUserData(input.UserData) }),
    ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
  };
}

/** AWS: 16 KB before it is encoded. "Run commands when you launch an EC2 instance with user data input", EC2 user guide. */
function requireUserData(encoded: string): string {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) throw invalid("Invalid BASE64 encoding of user data.");
  if (Buffer.from(encoded, "base64").length > 16_384) throw invalid("User data is limited to 16384 bytes");
  return encoded;
}

function groupsOf(input: Input, ctx: Ec2Context): string[] {
  const found = [
    ...(input.SecurityGroupIds ?? []).map((id) => requireGroup(ctx, id)),
    ...(input.SecurityGroups ?? []).map((name) => groupNamed(ctx, name)),
  ];
  return (found.length > 0 ? found : [defaultGroup(ctx)]).map(({ id }) => id);
}

function zoneOf({ SubnetId: subnet, Placement: placement }: Input, ctx: Ec2Context): string {
  if (subnet !== undefined) {
    const found = subnetsOf(ctx).find(({ id }) => id === subnet);
    if (!found) throw subnetNotFound(subnet);
    return found.zone;
  }
  const [first = ""] = zonesOf(ctx);
  const zone = placement?.AvailabilityZone ?? first;
  if (!zonesOf(ctx).includes(zone)) throw invalid(`Invalid availability zone: [${zone}]`);
  return zone;
}

async function profileOf(said: NonNullable<Input["IamInstanceProfile"]>, ctx: Ec2Context): Promise<string> {
  const name = said.Name ?? said.Arn?.split("/").at(-1) ?? "";
  const { InstanceProfile: profile } = await ctx
    .call("iam", "GetInstanceProfile", { InstanceProfileName: name })
    .catch(() => ({ InstanceProfile: undefined }));
  const arn = profile?.Arn;
  if (arn === undefined)
    throw invalid(
      `Value (${said.Name ?? said.Arn ?? ""}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
    );
  const role = await roleOf(arn, ctx);
  if (role !== "") {
    const conditions = { "iam:PassedToService": "ec2.amazonaws.com" };
    await ctx.authorize({ action: "iam:PassRole", resource: role, conditions });
  }
  return arn;
}

async function newRow(ctx: Ec2Context, settings: RowSettings & { readonly reservation: string }): Promise<InstanceRow> {
  const now = ctx.now().toISOString();
  return {
    ...settings,
    id: makeId(ctx, "i"),
    region: ctx.region,
    state: "pending",
    since: now,
    launched: now,
    address: await findLoopback(ctx.kernel.ids),
    secret: ctx.kernel.ids.token(40),
    booted: false,
  };
}

function toReservation(rows: readonly InstanceRow[], ctx: Ec2Context) {
  return {
    ReservationId: rows[0]?.reservation,
    OwnerId: ctx.account,
    Groups: [],
    Instances: rows.map((row) => toInstance(row, ctx)),
  };
}
