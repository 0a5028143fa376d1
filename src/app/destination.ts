import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chainTarget, type ChainTarget, type Target } from "#aws";
import { CauceError } from "#core";
import { bringEc2, type Ec2Options, findEc2 } from "./ec2.ts";
import { requireServer } from "./background.ts";
import type { Config } from "./config.ts";
import { type Profile, PROFILES, TARGETS } from "./profiles.ts";

/** Where a command works: what differs there, and how it is reached. */
export interface Destination {
  readonly profile: Profile;
  readonly target: Target;
  /** The AWS that the server's instance is in. */
  readonly base?: Target;
  /** Makes the target ready, after it was confirmed; `target` is then only where it will be. */
  readonly prepare?: () => Promise<Target>;
  /** A file with the certificate that the target shows, for programs that take it from one. */
  readonly certificate?: string;
  /** Whose credentials sign, where that is not our own server. */
  readonly who?: string;
}

export interface DestinationOptions {
  /** A target by its name. */
  readonly to: string;
  /** What `node` runs for `cauce`: the embedded AWS is started with it. */
  readonly program: string;
  /** For `ec2`: the instance is in the embedded AWS. */
  readonly rehearse?: boolean;
  /** For `ec2`: the instance is made, or changed to this, when the destination is prepared; else it must be there. */
  readonly host?: Omit<Ec2Options, "assets">;
  /** For `ec2`: only the AWS that the instance is in is wanted. */
  readonly baseOnly?: boolean;
  /** Told what the start of the embedded AWS found unfinished. */
  readonly onInterrupted?: (sentence: string) => void;
}

/** The target that is meant, ready to be asked: the embedded AWS is started when it does not run. */
export async function openDestination(config: Config, options: DestinationOptions): Promise<Destination> {
  const profile = requireProfile(options.to);
  if (profile.name === "embedded") return { profile, target: await embeddedTarget(config, options) };
  if (profile.name === "ec2") return openEc2(config, profile, options);
  const { who, ...target } = await accountTarget();
  return { profile, target: { ...target, functionPlatform: "linux-x64" }, who };
}

async function openEc2(config: Config, profile: Profile, options: DestinationOptions): Promise<Destination> {
  const { rehearse = false, host, baseOnly = false } = options;
  const { who, ...base }: Target & { who?: string } = rehearse
    ? await embeddedTarget(config, options)
    : await accountTarget();
  const certificate = join(config.home, "certificates", `${base.account}-${base.region}.pem`);
  const at = { profile: { ...profile, confirms: !rehearse }, base, certificate, ...(who !== undefined && { who }) };
  if (baseOnly) return { ...at, target: base };
  if (!host) return { ...at, target: keepCertificate(certificate, await findEc2(base)) };
  const prepare = async () => keepCertificate(certificate, await bringEc2(base, { ...host, assets: config.assets }));
  return { ...at, target: base, prepare };
}

/** AWS; what `AWS_ENDPOINT_URL` names instead has a bucket as that server makes it. */
async function accountTarget(): Promise<ChainTarget> {
  const target = await chainTarget();
  return { ...target, securesBucket: target.endpoint === undefined };
}

function keepCertificate(file: string, target: Target): Target {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, target.ca ?? "");
  return target;
}

async function embeddedTarget(config: Config, { program, onInterrupted }: DestinationOptions): Promise<Target> {
  const { target, started, interrupted } = await requireServer(config, program);
  if (started) for (const sentence of interrupted) onInterrupted?.(sentence);
  return { ...target, functionPlatform: `${process.platform}-${process.arch}`, securesBucket: true };
}

export function requireProfile(name: string): Profile {
  const known = TARGETS.find((one) => one === name);
  if (known) return PROFILES[known];
  throw new CauceError({
    code: "TargetUnknown",
    what: `There is no target "${name}".`,
    why: `There are ${TARGETS.map((one) => `${one} (${PROFILES[one].says})`).join("; ")}.`,
    fix: `Say ${TARGETS.map((one) => `--to ${one}`).join(", ")}, or nothing for what the project says.`,
  });
}

/** Where zips that take time to make are kept between runs. */
export function cacheFolder(config: Config): string {
  return join(config.home, "cache");
}
