import type { Stack } from "@aws-sdk/client-cloudformation";
import { accountOf, callEc2, type Clients, elementsOf, type Target } from "#aws";
import { canonicalJson, CauceError, isRecord, parseJson, sha256 } from "#core";
import type { WatchOptions } from "../progress.ts";
import { applyStack, deleteStack, findStack, outputOf, type Stackable } from "../stack.ts";
import { bucketOf, namesOf, type Place } from "../names.ts";
import { removePrefix } from "../remove-prefix.ts";
import { uploadAssets } from "../upload-assets.ts";
import { HOST_PREFIX, HOST_STACK, type HostInput, type HostSettings, packageKey } from "./host.ts";
import { packCauce } from "./package-files.ts";
import { hostTemplate } from "./template.ts";

/** What is said of a host on the command line; what is not said stays as it is. */
export type HostWishes = Partial<Omit<HostSettings, "zone" | "vpc">>;

export interface BringHostOptions extends WatchOptions {
  /** What ships with Cauce. */
  readonly assets: string;
  readonly wishes: HostWishes;
}

/** Where a host is, as its stack says. */
export interface Host {
  readonly place: Place;
  readonly address: string;
  readonly instance: string | undefined;
}

const DEFAULTS = { type: "t3.micro", gigabytes: 20 };

/** Makes the host, or brings it to what is wished and to this Cauce. What is as it should be is left alone. */
export async function bringHost(aws: Clients, target: Target, options: BringHostOptions): Promise<Host> {
  const place = { account: await accountOf(target, aws), region: target.region };
  const packed = await packCauce(options.assets);
  await uploadAssets(
    aws,
    {
      bucket: bucketOf(place),
      place,
      secure: target.securesBucket,
      objects: [{ key: packageKey(packed.digest), name: "cauce.tgz", content: async () => ({ text: packed.bytes }) }],
    },
    options,
  );
  const before = await findStack(aws, HOST_STACK);
  const settings = await settle(aws, target, before, options.wishes);
  const input: HostInput = { ...settings, place, packageDigest: packed.digest };
  const fingerprint = sha256(canonicalJson(hostTemplate(input, ""))).slice(0, 16);
  const stackable = (withInstance: boolean): Stackable => ({
    names: {
      stack: HOST_STACK,
      bucket: bucketOf(place),
      partition: namesOf("host", place).partition,
      key: (...path) => HOST_PREFIX + path.join("/"),
    },
    template: hostTemplate(input, fingerprint, withInstance),
    fingerprint: withInstance ? fingerprint : "none",
    tags: { "cauce:host": "ec2" },
  });
  const changes = outputOf(before, "Fingerprint") !== fingerprint;
  if (changes && outputOf(before, "InstanceId") !== undefined) await applyStack(aws, stackable(false), options);
  const { stack } = await applyStack(aws, stackable(true), options);
  return hostOf(stack, place);
}

/** The host of this account and region; undefined when there is none. */
export async function findHost(aws: Clients, target: Target): Promise<Host | undefined> {
  const stack = await findStack(aws, HOST_STACK);
  if (!stack) return undefined;
  return hostOf(stack, { account: await accountOf(target, aws), region: target.region });
}

/** What there will be when there is no host yet, before anything of a project. */
export function planHost(): readonly { readonly id: string; readonly type: string; readonly action: "create" }[] {
  const place = { account: "", region: "" };
  const template = hostTemplate({ ...DEFAULTS, zone: "", vpc: "", place, packageDigest: "" }, "");
  return Object.entries(template.Resources).map(([id, { Type }]) => ({ id, type: Type, action: "create" }));
}

/** Removes the host and all that was on it, the copies in the bucket too. */
export async function removeHost(aws: Clients, target: Target, options: WatchOptions = {}): Promise<void> {
  const place = { account: await accountOf(target, aws), region: target.region };
  await deleteStack(aws, HOST_STACK, options);
  await removePrefix(aws, bucketOf(place), HOST_PREFIX);
}

function hostOf(stack: Stack, place: Place): Host {
  return { place, address: outputOf(stack, "Address") ?? "", instance: outputOf(stack, "InstanceId") };
}

/** What is wished, else what the stack has, else the defaults. */
async function settle(
  aws: Clients,
  target: Target,
  stack: Stack | undefined,
  wishes: HostWishes,
): Promise<HostSettings> {
  const had = parseJson(outputOf(stack, "Settings") ?? "");
  const said = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
  const settings = { ...DEFAULTS, ...(isRecord(had) ? had : {}), ...said } as HostWishes & typeof DEFAULTS;
  const zone = outputOf(stack, "Zone") ?? (await chooseZone(aws, target, settings.type));
  return { ...settings, zone, vpc: await defaultVpc(aws, target) };
}

async function defaultVpc(aws: Clients, target: Target): Promise<string> {
  const xml = await callEc2(target, aws, {
    Action: "DescribeVpcs",
    "Filter.1.Name": "is-default",
    "Filter.1.Value.1": "true",
  });
  const [vpc] = elementsOf(xml, "vpcId");
  if (vpc !== undefined) return vpc;
  throw new CauceError({
    code: "DefaultVpcMissing",
    what: `${target.region} has no default VPC.`,
    why: "The instance is put into it, so that it is reached without a network of its own.",
    fix: "Make one (aws ec2 create-default-vpc), or take another region.",
  });
}

/** AWS: not every zone has every type. DescribeInstanceTypeOfferings, API reference. */
async function chooseZone(aws: Clients, target: Target, type: string): Promise<string> {
  const xml = await callEc2(target, aws, {
    Action: "DescribeInstanceTypeOfferings",
    LocationType: "availability-zone",
    "Filter.1.Name": "instance-type",
    "Filter.1.Value.1": type,
  });
  const [zone] = elementsOf(xml, "location").toSorted();
  if (zone !== undefined) return zone;
  throw new CauceError({
    code: "InstanceTypeUnavailable",
    what: `There is no ${type} in ${target.region}.`,
    why: "No availability zone of the region offers that type to this account.",
    fix: "Take another with --type, e.g. t3.micro or t2.micro, or another region.",
  });
}

/** What an instance has written on its console; empty when that cannot be had. */
export async function consoleOf(aws: Clients, target: Target, instance: string): Promise<string> {
  const ask = { Action: "GetConsoleOutput", InstanceId: instance };
  // AWS: the latest lines are to be had of Nitro's types only; T2 shows what it wrote up to a few minutes ago. GetConsoleOutput, API reference.
  const latest = callEc2(target, aws, { ...ask, Latest: "true" });
  const xml = await latest.catch(() => callEc2(target, aws, ask)).catch(() => "");
  return Buffer.from(elementsOf(xml, "output")[0] ?? "", "base64").toString("utf8");
}
