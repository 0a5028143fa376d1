import { setTimeout as sleep } from "node:timers/promises";
import { type Clients, type Target, withClients } from "#aws";
import { CauceError } from "#core";
import {
  bringHost,
  consoleOf,
  findHost,
  type Host,
  hostPlace,
  type HostWishes,
  listProjects,
  removeHost,
  type WatchOptions,
} from "#pipeline";
import type { Health } from "#server";
import { askSigned } from "./console-client.ts";
import { type Access, readAccess } from "./keep.ts";

export interface Ec2Options extends WatchOptions {
  readonly assets: string;
  readonly wishes: HostWishes;
  /** Told what is waited for, when that takes long. */
  readonly onNote?: (sentence: string) => void;
}

/** The server on the instance as a target; made, or brought to what is wished, first. `base` is the AWS that the instance is in. */
export function bringEc2(base: Target, options: Ec2Options): Promise<Target> {
  return withClients(base, async (aws) => {
    const host = await bringHost(aws, base, options);
    return waitUntilUp(aws, base, host, { ...options, patience: FIRST_BOOT });
  });
}

/** The server on the instance as a target, when it answers. */
export function findEc2(base: Target): Promise<Target> {
  return withClients(base, async (aws) => {
    const host = await findHost(aws, base);
    if (!host) throw noHost(base);
    return waitUntilUp(aws, base, host, { patience: PASSING });
  });
}

/** Whether there is an instance, answering or not. */
export function hasEc2(base: Target): Promise<boolean> {
  return withClients(base, async (aws) => (await findHost(aws, base)) !== undefined);
}

/** The host goes with its last project: whether it went. */
export async function removeEmptyHost(base: Target, server: Target, options: WatchOptions = {}): Promise<boolean> {
  if ((await listProjects(server)).length > 0) return false;
  await removeEc2(base, options);
  return true;
}

/** Instance, volume, address, role and the copies of the state; whether there were any. */
export function removeEc2(base: Target, options: WatchOptions = {}): Promise<boolean> {
  return withClients(base, async (aws) => {
    if (!(await findHost(aws, base))) return false;
    await removeHost(aws, base, options);
    return true;
  });
}

/** An instance that was started again a moment ago. */
const PASSING = 15_000;
const FIRST_BOOT = 15 * 60_000;

type Waiting = Pick<Ec2Options, "signal" | "onNote"> & { readonly patience: number };

/** AWS: a first boot installs packages, and takes some minutes. */
async function waitUntilUp(aws: Clients, base: Target, host: Host, options: Waiting): Promise<Target> {
  const started = performance.now();
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const found = await reach(aws, host);
    if (found) return found;
    const waited = performance.now() - started;
    const said = host.instance === undefined ? "" : await consoleOf(aws, base, host.instance);
    if (/cauce-boot: failed/.test(said) || waited > options.patience) throw unreachable(host, said);
    if (!told && waited > 3000)
      options.onNote?.("The instance boots and installs Cauce: the first time, that takes minutes.");
    told ||= waited > 3000;
    const pause = base.endpoint === undefined ? 5000 : 200;
    await sleep(pause, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** The target, when the server shows the certificate and takes the keys that lie in the bucket. */
async function reach(aws: Clients, { place, address }: Host): Promise<Target | undefined> {
  const access = await readAccess(aws, hostPlace(place));
  if (!access) return undefined;
  const target = toTarget(place, address, access);
  const health = await askSigned<Health>(target, "GET", "health");
  return health && { ...target, functionPlatform: access.platform };
}

function toTarget(place: Host["place"], address: string, access: Access) {
  const { accessKeyId, secretAccessKey, certificate, port } = access;
  return {
    name: "ec2",
    endpoint: `https://${address}${port === 443 ? "" : `:${port}`}`,
    ...place,
    credentials: { accessKeyId, secretAccessKey },
    ca: certificate,
    securesBucket: true,
  } satisfies Target;
}

function noHost(base: Target): CauceError {
  return new CauceError({
    code: "HostMissing",
    what: `There is no instance with Cauce in account ${base.account}, ${base.region}.`,
    why: "Nothing was brought up there, or it was removed.",
    fix: "Make one: cauce up table.csv --predict COLUMN --to ec2",
  });
}

function unreachable({ address, instance }: Host, said: string | undefined): CauceError {
  const lines = (said ?? "").trim().split("\n").slice(-8).join("\n");
  return new CauceError({
    code: "HostUnreachable",
    what: `The server on ${instance ?? "the instance"} does not answer at ${address}.`,
    why: lines === "" ? "Its console shows nothing yet." : `Its console ends with:\n${lines}`,
    fix: "Wait and try again, or `cauce destroy --to ec2 --all` removes the instance and all that is on it.",
  });
}
